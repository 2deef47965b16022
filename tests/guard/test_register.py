"""The public register says what runs, and nothing runs that it does not say."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.console.desk import Console
from vitrail.domain.errors import Refused
from vitrail.domain.ledger import Entry, Operation, Outcome
from vitrail.domain.mandates import Mode
from vitrail.domain.people import Role
from vitrail.domain.register import configuration_digest
from vitrail.domain.streams import MapPosition
from vitrail.domain.time import DAY_US, SECOND_US
from vitrail.guard import decide
from vitrail.guard.figures import Tally, count
from vitrail.guard.register import build


def law(**changes: Any) -> decide.Law:
    given: dict[str, Any] = {
        "mandates": (b.mandate(),),
        "profile": b.profile(),
        "manifests": {"presence": b.analytic()},
    }
    return decide.Law(**(given | changes))


def digest(**changes: Any) -> str:
    given: dict[str, Any] = {
        "site": b.site(),
        "mandates": [b.mandate()],
        "profile": b.profile(),
        "manifests": [b.analytic()],
    }
    return configuration_digest(**(given | changes))


def tally_of(console: Console) -> Tally:
    return count(console.world.entries(), console.world.ledger.size)


def test_what_is_permitted_is_published_as_running() -> None:
    made = build(b.site(), law(), (), Tally(), NOW_US, "dpo@town", "https://town/register")
    (camera,) = made.cameras
    assert [(a.id, a.places, a.permitted) for a in camera.analytics] == [("presence", ("The yard",), True)]
    assert camera.mandate_id == "try-out"
    assert made.mandates[0].purposes[0]["harm"]
    assert made.analytics[0]["must_not_be_used_to"]


def test_what_is_refused_is_published_with_its_rule() -> None:
    made = build(b.site(), law(mandates=()), (), Tally(), NOW_US)
    (analytic,) = made.cameras[0].analytics
    assert not analytic.permitted
    assert analytic.why_not.startswith("L01: ")
    assert not made.cameras[0].recorded


def test_a_stale_profile_says_so() -> None:
    old = b.profile(last_verified_us=NOW_US - 400 * DAY_US, stale_after_us=180 * DAY_US)
    status = build(b.site(), law(profile=old), (), Tally(), NOW_US).status
    assert "Stale" in status["en"]
    assert "Périmé" in status["fr"]


@pytest.mark.parametrize(
    "changes",
    [
        {"site": b.site(name="Another town")},
        {"site": b.site(cameras=(b.camera(analytics=()),))},
        {"site": b.site(cameras=(b.camera(zones=(b.zone(polygon=b.square(0.1, 0.1, 0.9, 0.9)),)),))},
        {"site": b.site(cameras=(b.camera(position=MapPosition(48.0, 2.0)),))},
        {"site": b.site(cameras=(b.camera(analytics=(b.setting(parameters={"seconds": 3}),)),))},
        {"mandates": [b.mandate(digest="f" * 64)]},
        {"mandates": []},
        {"profile": b.profile(last_verified_us=NOW_US - 5 * DAY_US)},
        {"manifests": [replace(b.analytic(), version="9.9.9")]},
    ],
    ids=["name", "no analytic", "zone", "position", "parameter", "mandate", "no mandate", "profile", "analytic"],
)
def test_every_change_of_the_configuration_is_another_register(changes: dict[str, Any]) -> None:
    assert digest(**changes) != digest()


def test_the_digest_knows_no_address_and_is_the_same_tomorrow() -> None:
    moved = b.site(cameras=(b.camera(streams=(b.stream(address="rtsp://user:secret@10.0.0.1/x"),)),))
    assert digest(site=moved) == digest() == digest()


def test_outside_the_lab_nothing_runs_that_is_not_published() -> None:
    mandate = b.mandate(mode=Mode.ALERT)
    site = b.site()
    for published in (True, False):
        given = law(mandates=(mandate,), published=published)
        answer = decide.permit(site.cameras[0], site.cameras[0].streams[0], given, NOW_US)
        rules = {refused.rule for refused in decide.refusals(site, given, NOW_US)}
        assert (isinstance(answer, Refused) and answer.rule == "L26") == (not published)
        assert ("L26" in rules) == (not published)


def test_in_the_lab_no_register_is_needed() -> None:
    site = b.site()
    answer = decide.permit(site.cameras[0], site.cameras[0].streams[0], law(published=False), NOW_US)
    assert not isinstance(answer, Refused)


def test_figures_are_counted_from_the_ledger_alone(tmp_path: Path) -> None:
    events = tuple(b.event(key=f"k{n}") for n in range(7))
    console = Console(tmp_path, events=events)
    try:
        console.member(Role.OPERATOR)
        client = console.browser()
        for n, alert in enumerate(console.alerts[:6]):
            client.get(f"/alerts/{alert.id}")
            console.world.clock.advance(30)
            decision = "confirmed" if n < 2 else "dismissed"
            said = {"csrf": console.csrf(client), "decision": decision, "reason": "looked at it"}
            client.post(f"/alerts/{alert.id}/verdict", data=said)
        (figure,) = tally_of(console).figures()
    finally:
        console.close()
    assert (figure.camera_id, figure.kind, figure.alerts) == ("gate", "presence", 7)
    assert (figure.confirmed, figure.dismissed) == (2, 4)
    assert figure.low is not None and figure.high is not None and figure.low < 2 / 6 < figure.high
    assert figure.minutes == pytest.approx(2.0, abs=0.1)


def test_few_verdicts_have_no_interval(console_of_one: Console) -> None:
    (figure,) = tally_of(console_of_one).figures()
    assert (figure.alerts, figure.low, figure.high) == (1, None, None)


def test_uses_are_counted_and_name_nobody(console_of_one: Console) -> None:
    console_of_one.browser().get("/alerts")
    console_of_one.browser("officer").get("/alerts")
    uses = tally_of(console_of_one).uses()
    assert uses.consultations >= 2
    assert uses.refusals >= 1
    made = build(console_of_one.world.site, law(), (), tally_of(console_of_one), NOW_US + SECOND_US)
    assert "operator" not in str(made.record())


@pytest.fixture
def console_of_one(tmp_path: Path) -> Any:
    made = Console(tmp_path)
    yield made
    made.close()


def test_figures_tell_day_from_night() -> None:
    """Alerts at noon and at midnight over Paris: each light by itself, and all together."""
    noon_us, midnight_us = 1_718_884_800_000_000, 1_718_928_000_000_000  # 2024-06-20 12:00 UTC, 2024-06-21 00:00 UTC
    entries = []
    for n in range(12):
        at_us, right = (noon_us, True) if n < 6 else (midnight_us, n == 6)
        said = f"{'confirmed' if right else 'dismissed'} after 30.0 s"
        target, about = f"alert:a{n}", "presence 1.0.0"
        entries += [
            Entry(at_us, Operation.COLLECT, Outcome.DONE, "vitrail", target, about, detail="presence at camera gate"),
            Entry(at_us + n, Operation.CHANGE, Outcome.DONE, "operator", target, "", detail=said),
        ]
    here = count(entries, len(entries), positions={"gate": MapPosition(48.8566, 2.3522)}).figures()
    assert [(f.light, f.alerts, f.confirmed, f.dismissed) for f in here] == [
        ("all", 12, 7, 5),
        ("day", 6, 6, 0),
        ("night", 6, 1, 5),
    ]
    by_day, by_night = here[1:]
    assert by_day.low is not None and by_night.high is not None and by_night.high < by_day.low + 0.1
    (nowhere,) = count(entries, len(entries)).figures()
    assert (nowhere.light, nowhere.alerts) == ("unknown", 12)
