"""No analytic runs outside lab unless somebody argued why, and what else was considered (L05)."""

from typing import Any

import pytest

from tests import builders as b
from tests.builders import NOW_US
from vitrail.domain.errors import Refused
from vitrail.domain.mandates import Alternative, Mode, Permit
from vitrail.guard import decide


def ask(*arguments: Any, mode: Mode = Mode.ALERT) -> Permit | Refused:
    camera = b.camera()
    mandate = b.mandate(mode=mode, recording=frozenset(), arguments=arguments)
    law = decide.Law((mandate,), b.profile(), {"presence": b.analytic()})
    return decide.permit(camera, camera.streams[0], law, NOW_US)


MISSING: dict[str, tuple[str, tuple[Any, ...]]] = {
    "no argument at all": ("everything", ()),
    "an argument for something else": ("everything", (b.argument(analytic_id="dwell"),)),
    "no necessity": ("necessity", (b.argument(necessity=" "),)),
    "no alternative": ("alternatives", (b.argument(alternatives=()),)),
    "an alternative nobody says why not": (
        "alternatives",
        (b.argument(alternatives=(Alternative("light", False, ""),)),),
    ),
    "no expected rate": ("expected_rate", (b.argument(expected_rate=""),)),
    "no failure mode": ("failure_modes", (b.argument(failure_modes=()),)),
    "a blank failure mode": ("failure_modes", (b.argument(failure_modes=("",)),)),
    "software considered first": (
        "software before anything else",
        (b.argument(alternatives=(Alternative("another detector", True, "it is wrong more often"),)),),
    ),
}


@pytest.mark.parametrize("name", MISSING)
@pytest.mark.parametrize("mode", [Mode.ALERT, Mode.STATISTICS])
def test_what_is_not_argued_does_not_run(name: str, mode: Mode) -> None:
    said, arguments = MISSING[name]
    answer = ask(*arguments, mode=mode)
    assert isinstance(answer, Refused)
    assert answer.rule == "L05"
    assert said in answer.what


@pytest.mark.parametrize("mode", [Mode.ALERT, Mode.STATISTICS])
def test_what_is_argued_in_full_runs(mode: Mode) -> None:
    answer = ask(b.argument(), mode=mode)
    assert isinstance(answer, Permit)
    assert answer.analytics == {"presence"}


def test_lab_may_leave_arguments_out() -> None:
    assert isinstance(ask(mode=Mode.LAB), Permit)
