"""Pictures of a change: kept with their alert where the mandate lets the place be recorded, shown by a desk, erased."""

from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.fakes.media import pictures
from tests.guard.front import Front
from tests.guard.world import World
from vitrail.domain.errors import Corrupt, NotFound
from vitrail.domain.events import BeforeAfter, Findings, Side
from vitrail.domain.time import DAY_US, HOUR_US
from vitrail.guard.pictures import digests

BEFORE, AFTER = pictures(2)
CHANGE = BeforeAfter(BEFORE, AFTER)


def told(world: World) -> Any:
    with world.open() as opened:
        (alert,) = opened.accept(Findings((b.event(shown=CHANGE),)))
    return alert


def files(world: World) -> list[str]:
    return sorted(world.pictures.files)


def test_both_pictures_are_kept_with_their_alert(tmp_path: Path) -> None:
    world = World(tmp_path)
    alert = told(world)
    assert files(world) == [f"{alert.id}-after", f"{alert.id}-before"]
    assert alert.pictures == digests(
        {Side.BEFORE: world.film.still(BEFORE, 640), Side.AFTER: world.film.still(AFTER, 640)}
    )


def test_where_nothing_may_be_recorded_no_picture_is_kept(tmp_path: Path) -> None:
    world = World(tmp_path, mandates=[b.mandate(recording=frozenset())])
    assert told(world).pictures is None
    assert files(world) == []


def test_a_full_disk_costs_the_pictures_and_not_the_alert(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.pictures.full = True
    assert told(world).id in world.records.alerts.rows
    assert files(world) == []


def test_pictures_go_with_their_alert(tmp_path: Path) -> None:
    world = World(tmp_path, mandates=[b.mandate(retention_us=HOUR_US)])
    told(world)
    world.eraser.sweep()
    assert len(files(world)) == 2
    world.clock.advance(2 * HOUR_US / 1e6)
    world.eraser.sweep()
    assert files(world) == []
    assert "; 2 pictures" in "\n".join(entry.detail for entry in world.entries())


def test_a_picture_without_an_alert_goes_at_the_next_sweep(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.pictures.keep("left-behind", b"by a crash")
    world.eraser.sweep()
    assert files(world) == []


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return Front(tmp_path)


@pytest.fixture
def seen(front: Front) -> tuple[Front, str]:
    jpegs = {side: front.world.film.still(picture, 640) for side, picture in zip(Side, (BEFORE, AFTER), strict=True)}
    alert = front.another_alert(pictures=digests(jpegs))
    for side, jpeg in jpegs.items():
        front.world.pictures.keep(f"{alert.id}-{side.value}", jpeg)
    return front, alert.id


def test_a_desk_shows_the_one_that_is_asked_for_and_writes_it_down(seen: tuple[Front, str]) -> None:
    front, alert_id = seen
    entries = front.world.ledger.size
    assert front.desk().picture(alert_id, Side.AFTER) == front.world.film.still(AFTER, 640)
    assert [entry.target for entry in front.since(entries)][-1] == f"alert:{alert_id}"


def test_a_picture_that_was_changed_is_not_shown(seen: tuple[Front, str]) -> None:
    front, alert_id = seen
    front.world.pictures.keep(f"{alert_id}-after", b"another")
    with pytest.raises(Corrupt):
        front.desk().picture(alert_id, Side.AFTER)


def test_an_alert_without_pictures_says_so(front: Front) -> None:
    with pytest.raises(NotFound, match="no pictures"):
        front.desk().picture(front.another_alert().id, Side.BEFORE)


def test_pictures_last_no_longer_than_their_alert_in_any_retention(tmp_path: Path) -> None:
    world = World(tmp_path, mandates=[b.mandate(retention_us=DAY_US)])
    told(world)
    world.clock.advance(2 * DAY_US / 1e6)
    world.eraser.sweep()
    assert (files(world), world.records.alerts.rows) == ([], {})
