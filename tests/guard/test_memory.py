"""What is known of places outlives a restart, where pictures may be kept, under its mandate, until its time."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import builders as b
from tests.guard.world import World
from vitrail.adapters.av import DiskPictures
from vitrail.adapters.sqlite import open_database
from vitrail.domain.mandates import Mode
from vitrail.domain.streams import DwellingMasks
from vitrail.domain.time import HOUR_US
from vitrail.guard.memory import PlaceMemory

KNOWN = {"0-Furniture/bench/day/low": np.arange(12, dtype=np.float32).reshape(3, 4), "began": np.array(7)}


def same(found: Any) -> bool:
    return set(found) == set(KNOWN) and all(np.array_equal(found[name], KNOWN[name]) for name in KNOWN)


def memory(world: World) -> PlaceMemory:
    return PlaceMemory(world.records.memory, world.memories, world.ledger, world.clock)


def test_what_was_known_is_taken_up_and_the_ledger_says_so(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as opened:
        opened.remember(KNOWN)
    with world.open() as opened:
        assert same(opened.recall())
    assert "consult done memory:gate-main" in world.said()


def test_where_nothing_was_kept_nothing_is_known(tmp_path: Path) -> None:
    with World(tmp_path).open() as opened:
        assert opened.recall() == {}


@pytest.mark.parametrize("law", [{"mode": Mode.STATISTICS}, {"recording": frozenset()}])
def test_where_no_picture_may_be_kept_no_memory_is(tmp_path: Path, law: dict[str, Any]) -> None:
    """L16, L04."""
    world = World(tmp_path)
    permit = b.permit(**law)
    assert not memory(world).keep(permit, world.camera, KNOWN)
    assert world.memories.files == {}
    assert memory(world).keep(b.permit(), world.camera, KNOWN)
    assert memory(world).recall(permit, world.camera) == {}


def test_another_mandate_knows_nothing_of_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    memory(world).keep(b.permit(), world.camera, KNOWN)
    assert same(memory(world).recall(b.permit(), world.camera))
    assert memory(world).recall(b.permit(id="another"), world.camera) == {}


def test_masks_drawn_anew_make_it_useless(tmp_path: Path) -> None:
    world = World(tmp_path)
    memory(world).keep(b.permit(), world.camera, KNOWN)
    masked = b.camera(dwellings=DwellingMasks("A. Officer", "2026-11-02", (b.square(),)))
    assert memory(world).recall(b.permit(), masked) == {}


def test_a_file_that_is_not_the_one_that_was_kept_is_left_aside(tmp_path: Path) -> None:
    world = World(tmp_path)
    memory(world).keep(b.permit(), world.camera, KNOWN)
    ((name, blob),) = world.memories.files.items()
    world.memories.files[name] = blob[:-20] + bytes(20)
    assert memory(world).recall(b.permit(), world.camera) == {}


def test_a_full_disk_costs_the_memory_and_nothing_else(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.memories.full = True
    with world.open() as opened:
        opened.remember(KNOWN)
        assert opened.recall() == {}


def test_it_is_erased_a_retention_after_it_was_last_written(tmp_path: Path) -> None:
    world = World(tmp_path, mandates=[b.mandate(retention_us=2 * HOUR_US)])
    with world.open() as opened:
        opened.remember(KNOWN)
        world.clock.advance(3600)
        opened.remember(KNOWN)
    world.clock.advance(3600 + 1800)
    world.eraser.sweep()
    assert world.memories.files
    world.clock.advance(1801)
    with world.open() as opened:
        assert opened.recall() == {}, "also when the eraser is late"
    world.eraser.sweep()
    assert world.memories.files == {} and world.records.memory.files() == set()
    assert "erase done memory" in world.said()


def test_on_a_disk_and_in_a_database_it_is_the_same(tmp_path: Path) -> None:
    world = World(tmp_path)
    with open_database(tmp_path) as records:
        kept = PlaceMemory(records.memory, DiskPictures(tmp_path / "memory", ".npz"), world.ledger, world.clock)
        kept.keep(b.permit(), world.camera, KNOWN)
        assert kept.keep(b.permit(), world.camera, KNOWN)
        assert same(kept.recall(b.permit(), world.camera))
        assert kept.recall(b.permit(id="another"), world.camera) == {}
        (file,) = (tmp_path / "memory").iterdir()
        assert file.suffix == ".npz" and file.parent.stat().st_mode & 0o077 == 0
        assert records.memory.erase(world.clock.now_us() + 73 * HOUR_US) == 1 and records.memory.files() == set()
