"""Which change of a mandate is material, and that one under an old decision stops the gate."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders as b
from tests.builders import NOW_US
from tests.guard.world import World
from vitrail.domain.errors import Corrupt, Refused
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.mandates import Mode
from vitrail.domain.time import DAY_US, HOUR_US, Hours, Interval
from vitrail.guard.baselines import Baselines
from vitrail.guard.changes import Scope, changes, scope_of, widened

NIGHT = Hours(("mon", "tue"), 20 * 60, 8 * 60, "Europe/Paris")
CELL = ("gate", "presence", "closed-yard")
OLD = b.mandate(mode=Mode.ALERT, hours=NIGHT)

WIDER: dict[str, tuple[str, dict[str, Any]]] = {
    "a new camera": ("new camera yard", {"matrix": frozenset({CELL, ("yard", "presence", "closed-yard")})}),
    "a new analytic": (
        "new line of the matrix: gate x dwell",
        {"matrix": frozenset({CELL, ("gate", "dwell", "closed-yard")})},
    ),
    "a camera recorded": ("new recording of camera yard", {"recording": frozenset({"gate", "yard"})}),
    "a new recipient": ("new recipient fire brigade", {"recipients": ("fire brigade",)}),
    "a longer retention": ("kept longer: 72 -> 73 hours", {"retention_us": 73 * HOUR_US}),
    "another objective": ("new purpose closed-yard: rescue", {"purposes": (b.purpose(objective="rescue"),)}),
    "another mode": ("mode: alert -> inquiry", {"mode": Mode.INQUIRY}),
    "another controller": ("controller: ", {"controller": "somebody else"}),
    "another legal basis": ("legal basis: ", {"legal_basis": "another text"}),
    "one minute more each night": ("wider hours", {"hours": replace(NIGHT, end_min=8 * 60 + 1)}),
    "one night more": ("wider hours", {"hours": replace(NIGHT, days=("mon", "tue", "wed"))}),
    "the same hours in another time zone": ("wider hours", {"hours": replace(NIGHT, zone="Asia/Tokyo")}),
    "a later end": ("ends later", {"valid": Interval(OLD.valid.start_us, OLD.valid.end_us + 1)}),
    "an earlier start": ("starts earlier", {"valid": Interval(OLD.valid.start_us - 1, OLD.valid.end_us)}),
}  # fmt: skip

NOT_WIDER: dict[str, tuple[str, dict[str, Any]]] = {
    "fewer hours": ("narrower hours", {"hours": replace(NIGHT, end_min=7 * 60)}),
    "a shorter retention": ("kept shorter", {"retention_us": HOUR_US}),
    "a camera no longer recorded": ("no longer: recording of camera gate", {"recording": frozenset()}),
    "an earlier end": ("ends earlier", {"valid": Interval(OLD.valid.start_us, OLD.valid.end_us - 1)}),
    "another title": ("title: ", {"title": "Night watch"}),
    "another cost": ("cost: ", {"cost": "1 EUR"}),
    "another supplier": ("supplier: ", {"supplier": "somebody"}),
    "a harm in other words": ("purpose closed-yard is said in other words", {"purposes": (b.purpose(harm="x y z"),)}),
    "arguments in other words": ("arguments are said", {"arguments": (b.argument(necessity="because"),)}),
    "a new decision": ("decision: ", {"decision": b.decree(number="2026-18", sha256="ef" * 32)}),
}  # fmt: skip


@pytest.mark.parametrize("name", WIDER)
def test_what_goes_further_is_material(name: str) -> None:
    said, changed = WIDER[name]
    found = changes(OLD, replace(OLD, **changed))
    assert [change for change in found if change.material and change.what.startswith(said)], found


@pytest.mark.parametrize("name", NOT_WIDER)
def test_what_goes_less_far_or_is_reworded_is_told_and_not_material(name: str) -> None:
    said, changed = NOT_WIDER[name]
    found = changes(OLD, replace(OLD, **changed))
    assert [change.what for change in found if change.what.startswith(said)], found
    assert not any(change.material for change in found)


def test_the_same_mandate_has_not_changed() -> None:
    assert changes(OLD, OLD) == []


@given(st.sampled_from(sorted({**WIDER, **NOT_WIDER})))
def test_a_scope_kept_as_text_reads_the_same(name: str) -> None:
    scope = scope_of(replace(OLD, **(WIDER | NOT_WIDER)[name][1]))
    assert Scope.parse(scope.text()) == scope


hours = st.builds(
    Hours,
    st.lists(st.sampled_from(["mon", "wed", "sun"]), min_size=1, unique=True).map(tuple),
    st.integers(0, 1439),
    st.integers(1, 1440),
)


@given(hours, hours, st.integers(0, 7 * 1440 - 1))
def test_hours_that_are_not_wider_hold_no_minute_more(old: Hours, new: Hours, minute: int) -> None:
    """Checked against the hours' own answer, minute by minute."""
    at_us = NOW_US // (7 * DAY_US) * 7 * DAY_US + minute * 60_000_000
    before, after = (scope_of(replace(OLD, hours=chosen)) for chosen in (old, new))
    if not widened(before, after):
        assert old.hold(at_us) or not new.hold(at_us)


def _world(folder: Path, mandate: Any, records: Any = None) -> World:
    folder.mkdir(exist_ok=True)
    return World(folder, mandates=[mandate], **({"records": records} if records else {}))


ALERT = b.mandate(mode=Mode.ALERT)


def test_a_mandate_widened_under_its_old_decision_stops_the_stream_also_after_a_restart(tmp_path: Path) -> None:
    before = _world(tmp_path, ALERT)
    before.gatekeeper.permit("gate", before.stream.id)
    after = _world(tmp_path, replace(ALERT, retention_us=73 * HOUR_US), before.records)
    with pytest.raises(Refused, match="kept longer: 72 -> 73 hours") as caught:
        after.gatekeeper.permit("gate", after.stream.id)
    assert caught.value.rule == "L01"
    assert [refused.rule for refused in after.gatekeeper.refusals()] == ["L01"]


def test_a_new_decision_lets_the_wider_mandate_run(tmp_path: Path) -> None:
    before = _world(tmp_path, ALERT)
    before.gatekeeper.permit("gate", before.stream.id)
    decided = replace(ALERT, retention_us=73 * HOUR_US, decision=b.decree(sha256="ef" * 32))
    after = _world(tmp_path, decided, before.records)
    assert after.gatekeeper.permit("gate", after.stream.id).retention_us == 73 * HOUR_US


def test_narrowing_and_widening_again_up_to_the_first_use_needs_no_decision(tmp_path: Path) -> None:
    world = _world(tmp_path, ALERT)
    for retention in (72, 24, 72):
        world.gatekeeper.change([replace(ALERT, retention_us=retention * HOUR_US)], world.profile)
        assert world.gatekeeper.permit("gate", world.stream.id).retention_us == retention * HOUR_US
    world.gatekeeper.change([replace(ALERT, retention_us=80 * HOUR_US)], world.profile)
    with pytest.raises(Refused):
        world.gatekeeper.permit("gate", world.stream.id)


def test_another_name_does_not_let_a_mandate_go_further_under_its_old_decision(tmp_path: Path) -> None:
    before = _world(tmp_path, ALERT)
    before.gatekeeper.permit("gate", before.stream.id)
    renamed = replace(ALERT, id="another-name")
    wider = _world(tmp_path, replace(renamed, retention_us=73 * HOUR_US), before.records)
    with pytest.raises(Refused, match="kept longer"):
        wider.gatekeeper.permit("gate", wider.stream.id)
    same = _world(tmp_path, renamed, before.records)
    assert same.gatekeeper.permit("gate", same.stream.id)


def test_two_mandates_may_rest_on_one_decision(tmp_path: Path) -> None:
    world = _world(tmp_path, ALERT)
    world.gatekeeper.permit("gate", world.stream.id)
    second = replace(ALERT, id="second", retention_us=80 * HOUR_US)
    assert not Baselines(world.ledger).barred([ALERT, second])


def test_the_first_use_of_a_decision_is_written_down_once(tmp_path: Path) -> None:
    world = _world(tmp_path, ALERT)
    world.gatekeeper.permit("gate", world.stream.id)
    again = _world(tmp_path, ALERT, world.records)
    again.gatekeeper.permit("gate", again.stream.id)
    assert [entry.target for entry in again.entries()].count("mandate:try-out") == 1


def test_lab_mandates_may_change_at_will(tmp_path: Path) -> None:
    world = _world(tmp_path, b.mandate())
    for retention in (1, 700):
        world.gatekeeper.change([b.mandate(retention_us=retention * HOUR_US)], world.profile)
        assert world.gatekeeper.permit("gate", world.stream.id)


def test_a_first_use_that_cannot_be_read_opens_nothing(tmp_path: Path) -> None:
    world = _world(tmp_path, ALERT)
    reason = f"first use of the decision sha256 {ALERT.decision.sha256}"
    world.ledger.note(Operation.RULE, Outcome.DONE, "x", "mandate:try-out", reason, "try-out", detail="{}")
    with pytest.raises(Corrupt, match="cannot be read"):
        Baselines(world.ledger).barred([ALERT])
