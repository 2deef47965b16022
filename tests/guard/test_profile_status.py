"""A legal profile that nobody verified in time turns alerts off, and says so (L07, L34)."""

import pytest

from tests import builders as b
from tests.builders import NOW_US
from vitrail.domain.errors import Refused
from vitrail.domain.mandates import Mode, Permit
from vitrail.domain.time import DAY_US, Interval
from vitrail.guard import decide
from vitrail.guard.profile_status import is_stale, profile_status

PROFILE = b.profile(last_verified_us=NOW_US, stale_after_us=180 * DAY_US)
LAST_US = NOW_US + 180 * DAY_US
"""The last moment at which it still holds."""


def ask(mode: Mode, now_us: int) -> Permit | Refused:
    camera = b.camera()
    valid = Interval(NOW_US, NOW_US + 400 * DAY_US)
    mandate = b.mandate(mode=mode, recording=frozenset(), valid=valid)
    return decide.permit(camera, camera.streams[0], decide.Law((mandate,), PROFILE, {"presence": b.analytic()}), now_us)


def test_one_microsecond_turns_alerts_off() -> None:
    allowed, refused = ask(Mode.ALERT, LAST_US), ask(Mode.ALERT, LAST_US + 1)
    assert isinstance(allowed, Permit)
    assert allowed.kinds == {"presence"}
    assert isinstance(refused, Refused)
    assert refused.rule == "L07"
    assert "alerts are off" in refused.what


@pytest.mark.parametrize("mode", [Mode.LAB, Mode.STATISTICS])
def test_what_makes_no_alert_for_the_street_goes_on(mode: Mode) -> None:
    assert isinstance(ask(mode, LAST_US + 1), Permit)


def test_the_status_says_banner_date_and_staleness_in_both_languages() -> None:
    assert not is_stale(PROFILE, LAST_US)
    assert profile_status(PROFILE, LAST_US)["en"].startswith("for tests France, verified ")
    assert "Stale" not in profile_status(PROFILE, LAST_US)["en"]
    late = profile_status(PROFILE, LAST_US + 1)
    assert late["en"].endswith("Stale: alerts are off until somebody reads it again.")
    assert late["fr"].endswith("Périmé : plus d’alerte sans relecture.")
