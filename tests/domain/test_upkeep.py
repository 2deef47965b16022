"""The condition of walls and furniture, from what was said of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders as b
from vitrail.domain.events import Place
from vitrail.domain.upkeep import Condition, Said, Step, condition, of_upkeep, spot, suggestion, waits_for_look


def said(*words: str) -> list[Step]:
    """``alert:2`` is of the second alert, ``alert`` of the first."""
    parts = [word.partition(":") for word in words]
    return [b.step(said=Said(name), alert_id=f"alert-{number or 1}") for name, _, number in parts]


@pytest.mark.parametrize(
    ("steps", "stands"),
    [
        ([], Condition.OK),
        (["alert"], Condition.SUSPECTED),
        (["alert", "dismissed"], Condition.OK),
        (["alert", "alert:2", "dismissed"], Condition.SUSPECTED),
        (["alert", "confirmed"], Condition.CONFIRMED),
        (["alert", "confirmed", "alert:2", "dismissed:2"], Condition.CONFIRMED),
        (["alert", "confirmed", "over"], Condition.CONFIRMED),
        (["alert", "confirmed", "closed"], Condition.CONFIRMED),
        (["alert", "confirmed", "repaired"], Condition.REPAIRED),
        (["alert", "repaired"], Condition.REPAIRED),
        (["alert", "confirmed", "repaired", "renewed"], Condition.OK),
        (["alert", "confirmed", "repaired", "alert:2"], Condition.SUSPECTED),
        (["alert", "confirmed", "repaired", "renewed", "alert:2", "confirmed:2"], Condition.CONFIRMED),
        (["alert", "confirmed", "whole"], Condition.OK),
        (["alert", "whole"], Condition.OK),
        (["renewed"], Condition.OK),
    ],
)
def test_the_condition_follows_from_what_was_said(steps: list[str], stands: Condition) -> None:
    assert condition(said(*steps)) is stands


@given(st.lists(st.sampled_from([*Said]), max_size=12))
def test_only_a_person_confirms_and_only_somebody_says_repaired(words: list[Said]) -> None:
    stands = condition([b.step(said=word) for word in words])
    assert stands is not Condition.CONFIRMED or Said.CONFIRMED in words
    assert stands is not Condition.REPAIRED or Said.REPAIRED in words
    assert stands is not Condition.SUSPECTED or Said.ALERT in words


@pytest.mark.parametrize(
    ("steps", "hint"),
    [
        (["alert", "over"], None),
        (["alert", "confirmed"], None),
        (["over", "alert", "confirmed"], None),
        (["alert", "confirmed", "over"], Said.OVER),
        (["alert", "confirmed", "over", "closed"], Said.CLOSED),
        (["alert", "confirmed", "closed", "repaired"], None),
    ],
)
def test_a_repair_is_suggested_when_the_request_was_closed_or_it_looks_as_before(
    steps: list[str], hint: Said | None
) -> None:
    assert suggestion(said(*steps)) is hint


@pytest.mark.parametrize(
    ("steps", "waits"),
    [([], False), (["repaired"], True), (["whole"], True), (["repaired", "renewed"], False), (["alert"], False)],
)
def test_a_look_is_learnt_anew_once_after_a_repair(steps: list[str], waits: bool) -> None:
    assert waits_for_look(said(*steps)) is waits


def test_only_marks_and_damage_of_something_declared_are_its_condition() -> None:
    assert of_upkeep("damage", Place("gate", asset_id="bench"))
    assert of_upkeep("graffiti", Place("gate", surface_id="wall"))
    assert not of_upkeep("presence", Place("gate", asset_id="bench"))
    assert not of_upkeep("damage", Place("gate", zone_id="yard"))


def test_the_ledger_calls_a_place_by_kind_camera_and_id() -> None:
    assert spot(Place("gate", asset_id="bench")) == "asset:gate/bench"
    assert spot(Place("gate", surface_id="wall")) == "surface:gate/wall"
