"""A camera that moved is closed until a person has reviewed its masks."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests import builders as b
from tests.guard.world import World
from vitrail.adapters.orderbook import FileOrderBook
from vitrail.domain.errors import Invalid, NotFound, Refused
from vitrail.domain.geometry import Polygon
from vitrail.domain.mandates import Mode
from vitrail.domain.people import Account, Role
from vitrail.domain.streams import DwellingMasks
from vitrail.guard import decide
from vitrail.guard.poses import Poses

MASK = Polygon(((0.1, 0.1), (0.2, 0.1), (0.2, 0.2)))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world")


@pytest.fixture
def poses(world: World, tmp_path: Path) -> Poses:
    return Poses(FileOrderBook(tmp_path / "poses.jsonl"), world.ledger, world.clock, world.site)


def person(role: Role) -> Account:
    return b.account(id=role.value, role=role)


def camera_id(world: World) -> str:
    return world.site.cameras[0].id


def told(world: World, target: str) -> list[tuple[str, str, str]]:
    entries = [stored.entry for stored in world.ledger.entries(0, world.ledger.size)]
    return [(e.actor, e.outcome.value, e.rule) for e in entries if e.target == target]


def test_a_movement_is_written_down_once_and_outlives_a_restart(world: World, poses: Poses, tmp_path: Path) -> None:
    camera = camera_id(world)
    poses.tell(camera)
    poses.tell(camera)
    assert list(poses.moved()) == [camera]
    assert told(world, f"camera:{camera}") == [("vitrail", "refused", "L17")]
    again = Poses(FileOrderBook(tmp_path / "poses.jsonl"), world.ledger, world.clock, world.site)
    assert list(again.moved()) == [camera]


def test_a_review_by_a_person_opens_it_and_is_in_the_ledger(world: World, poses: Poses) -> None:
    camera = camera_id(world)
    poses.tell(camera)
    poses.review(person(Role.TECHNICIAN), camera, "no dwelling in the new view")
    assert poses.moved() == {}
    assert ("technician", "done", "") in told(world, f"camera:{camera}")
    poses.tell(camera)
    assert list(poses.moved()) == [camera], "it may move again"


def test_who_may_not_review_is_refused(world: World, poses: Poses) -> None:
    camera = camera_id(world)
    poses.tell(camera)
    with pytest.raises(Refused, match="does not review"):
        poses.review(person(Role.OPERATOR), camera, "looks fine")
    with pytest.raises(Invalid, match="what was found"):
        poses.review(person(Role.OFFICER), camera, " ")
    with pytest.raises(NotFound, match="no camera"):
        poses.review(person(Role.OFFICER), "elsewhere", "looks fine")
    assert list(poses.moved()) == [camera]


def test_a_camera_that_never_moved_has_nothing_to_review(world: World, poses: Poses) -> None:
    with pytest.raises(NotFound, match="not known to have moved"):
        poses.review(person(Role.OFFICER), camera_id(world), "looks fine")


@pytest.mark.parametrize("line", ["{", '{"what": "opened", "camera": "gate", "at_us": 1}', '{"camera": "gate"}'])
def test_a_damaged_file_closes_every_camera(world: World, poses: Poses, tmp_path: Path, line: str) -> None:
    (tmp_path / "poses.jsonl").write_text(line + "\n", encoding="utf-8")
    assert set(poses.moved()) == {camera.id for camera in world.site.cameras}


def test_a_stream_that_runs_is_stopped_within_seconds_of_the_movement(world: World) -> None:
    camera = replace(world.site.cameras[0], dwellings=DwellingMasks("A. Martin", "2026-10-01", (MASK,)))
    world = World(world.folder / "masked", site=replace(world.site, cameras=(camera, *world.site.cameras[1:])))
    with world.intake.open(camera, camera.streams[0]) as opened:
        opened.check()
        opened.moved()
        world.clock.advance(3)
        with pytest.raises(Refused, match="moved since"):
            opened.check()
    with pytest.raises(Refused, match="moved since"):
        world.intake.open(camera, camera.streams[0])
    world.poses.review(person(Role.TECHNICIAN), camera.id, "masks redrawn")
    with world.intake.open(camera, camera.streams[0]) as opened:
        opened.check()


@pytest.mark.parametrize(("masked", "mode", "closed"), [(True, Mode.LAB, True), (False, Mode.LAB, False)])
def test_the_gate_closes_where_masks_are_at_stake(world: World, masked: bool, mode: Mode, closed: bool) -> None:
    camera = world.site.cameras[0]
    masks = DwellingMasks("A. Martin", "2026-10-01", (MASK,) if masked else ())
    camera = replace(camera, dwellings=masks)
    mandates = tuple(replace(m, mode=mode) for m in world.mandates)
    manifests = {m.id: m for m in world.analytics}
    law = decide.Law(mandates, world.profile, manifests, moved={camera.id: 1})
    answer = decide.permit(camera, camera.streams[0], law, world.clock.now_us())
    assert (isinstance(answer, Refused) and answer.rule == "L17") is closed
    if closed:
        assert isinstance(answer, Refused) and "vitrail reviewed" in answer.remedy


def test_outside_lab_a_moved_camera_is_closed_also_where_nothing_was_masked(world: World) -> None:
    camera = world.site.cameras[0]
    mandates = tuple(replace(m, mode=Mode.ALERT) for m in world.mandates)
    law = decide.Law(mandates, world.profile, {m.id: m for m in world.analytics}, moved={camera.id: 1})
    found = decide.refusals(world.site, law, world.clock.now_us())
    assert any(refused.rule == "L17" and camera.id in refused.where for refused in found)
