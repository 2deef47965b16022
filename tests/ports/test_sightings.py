"""Sightings at rest: SQLite and memory keep the same promises; the index is made from the rows, whatever befalls it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.records import MemoryRecords
from vitrail.adapters.faiss import FaissIndex
from vitrail.adapters.faiss import index as faiss_index
from vitrail.adapters.sqlite import open_database
from vitrail.adapters.sqlite import sightings as sqlite_sightings
from vitrail.adapters.sqlite.fsck import problems_of
from vitrail.domain.errors import Conflict, Invalid, NotFound
from vitrail.domain.search import Filters
from vitrail.domain.sightings import Heading, Subject, Tint
from vitrail.domain.time import HOUR_US, SECOND_US, Interval

EVERYTHING = Filters()


@pytest.fixture(params=["sqlite", "memory"])
def rows(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryRecords().seen.records
        return
    with open_database(tmp_path) as records:
        yield records.sightings


def at(start_s: float, length_s: float = 5.0, **changes: Any) -> Any:
    start_us = NOW_US + round(start_s * SECOND_US)
    return b.sighting(interval=Interval(start_us, start_us + round(length_s * SECOND_US)), **changes)


def found(rows: Any, filters: Filters, **grant: Any) -> list[str]:
    return [one.kind for one in rows.read(b.grant(**grant), rows.find(b.grant(**grant), filters, 100, "").ids.tolist())]


def test_what_was_written_is_read_as_it_was(rows: Any) -> None:
    one = at(-30, speed_kmh=31.5, length_m=4.4, best_us=NOW_US - 7, heading=Heading.LEFT)
    (number,) = rows.add(b.permit(), [one])
    assert rows.get(b.grant(), number) == replace(one, id=number)
    met = rows.find(b.grant(), Filters(colours=frozenset({one.tints[0].name})), 10, "")
    assert (met.ids.tolist(), met.start_us.tolist(), met.seen.tolist()) == ([number], [one.interval.start_us], [True])
    assert met.shares[0] == pytest.approx(one.tints[0].share) and met.scores[0] == pytest.approx(one.score)
    assert met.forms[0].tobytes() == one.form.steps


def test_each_filter_leaves_out_what_does_not_meet_it(rows: Any) -> None:
    truck = at(
        -20, kind="truck", tints=(Tint("red", 0.7), Tint("white", 0.2)), zones=(), standing_s=0, heading=Heading.UP
    )
    bag = at(-10, subject=Subject.THING, kind="suitcase", tints=(Tint("black", 0.9),), standing_s=120.0)
    rows.add(b.permit(), [at(-30, kind="bus", tints=(), speed_kmh=60.0, length_m=10.9), truck, bag])
    assert found(rows, Filters(kinds=frozenset({"bus", "suitcase"}))) == ["suitcase", "bus"]
    assert found(rows, Filters(kinds=frozenset({"truck", "bus"}), colours=frozenset({"white"}))) == ["truck"]
    assert found(rows, Filters(colours=frozenset({"black", "red"}))) == ["suitcase", "truck"]
    assert found(rows, Filters(places=frozenset({"yard"}))) == ["suitcase", "bus"]
    assert found(rows, Filters(heading=Heading.UP)) == ["truck"]
    assert found(rows, Filters(moving=True)) == ["truck"]
    assert found(rows, Filters(least_standing_s=60)) == ["suitcase"]
    assert found(rows, Filters(least_speed_kmh=50)) == ["bus"]
    rows.add(b.permit(), [at(-40, kind="truck", tints=(), length_m=11.5)])
    assert found(rows, Filters(least_length_m=11)) == ["truck"]
    assert found(rows, Filters(least_length_m=12)) == []
    assert found(rows, Filters(cameras=frozenset({"gate-2"}))) == []
    span = Interval(NOW_US - 22 * SECOND_US, NOW_US - 15 * SECOND_US)
    assert found(rows, Filters(spans=(span,))) == ["truck"]
    assert found(rows, Filters(kinds=frozenset({"truck", "suitcase"}), spans=(span,))) == ["truck"]


def test_a_long_stay_is_found_by_any_moment_of_it(rows: Any) -> None:
    rows.add(b.permit(), [at(-3000, 2900)])
    span = Interval(NOW_US - 200 * SECOND_US, NOW_US - 190 * SECOND_US)
    assert found(rows, Filters(kinds=frozenset({"car"}), spans=(span,))) == ["car"]


def test_nothing_is_found_outside_the_scope_or_past_its_time(rows: Any) -> None:
    (number,) = rows.add(b.permit(retention_us=HOUR_US), [at(-30)])
    assert found(rows, EVERYTHING, cameras=frozenset({"gate-2"})) == []
    assert found(rows, EVERYTHING, now_us=NOW_US + HOUR_US) == []
    with pytest.raises(NotFound):
        rows.get(b.grant(cameras=frozenset({"gate-2"})), number)
    assert not len(rows.among(b.grant(cameras=frozenset({"gate-2"})), EVERYTHING, [number], ""))
    assert rows.read(b.grant(cameras=frozenset({"gate-2"})), [number]) == []
    assert rows.newest_us(b.grant(cameras=frozenset({"gate-2"}))) is None
    assert rows.newest_us(b.grant()) == NOW_US - 25 * SECOND_US
    assert rows.erase(NOW_US) == []
    assert rows.erase(NOW_US + HOUR_US) == [number]
    assert rows.kept() == 0


def test_no_busy_camera_hides_what_another_one_saw(tmp_path: Path) -> None:
    quiet = b.camera(id="gate-2", streams=(b.stream(id="gate-2-main"),))
    with open_database(tmp_path) as records:
        rows = records.sightings
        rows.add(b.permit(), [at(-1000 + i) for i in range(300)])
        rows.add(b.permit(quiet), [at(-3000, camera_id="gate-2", stream_id="gate-2-main")])
        grant = b.grant(cameras=frozenset({"gate", "gate-2"}))
        met = rows.find(grant, Filters(kinds=frozenset({"car"})), 60, "")
        cameras = {one.camera_id for one in rows.read(grant, met.ids.tolist())}
        assert cameras == {"gate", "gate-2"} and met.cut and 30 <= len(met) <= 150


@pytest.mark.parametrize("most", [0, 6_000])
def test_many_spans_of_many_things_are_answered_as_few_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Whether each branch is asked by itself, or the whole time is walked through."""
    monkeypatch.setattr(sqlite_sightings, "_MOST_BRANCHES", most)
    with open_database(tmp_path) as records:
        rows = records.sightings
        rows.add(b.permit(), [at(-60 * i, kind="truck" if i % 7 == 0 else "car") for i in range(1, 60)])
        spans = tuple(
            Interval(NOW_US - (600 * i + 300) * SECOND_US, NOW_US - 600 * i * SECOND_US) for i in range(5, -1, -1)
        )
        wanted = [
            i
            for i in range(1, 60)
            if any(
                s.start_us <= NOW_US - (60 * i - 5) * SECOND_US and NOW_US - 60 * i * SECOND_US < s.end_us
                for s in spans
            )
        ]
        assert len(rows.find(b.grant(), Filters(spans=spans), 100, "")) == len(wanted)
        trucks = rows.find(b.grant(), Filters(kinds=frozenset({"truck"}), spans=spans), 100, "")
        assert len(trucks) == len([i for i in wanted if i % 7 == 0])


def test_a_permit_of_another_stream_writes_nothing(rows: Any) -> None:
    with pytest.raises(Invalid):
        rows.add(b.permit(), [at(-30), at(-20, camera_id="gate-2", stream_id="gate-2-main")])
    assert rows.kept() == 0


def test_ids_are_never_used_again(rows: Any) -> None:
    first = rows.add(b.permit(), [at(-30), at(-20)])
    rows.erase(2**60)
    assert rows.reach() == (3, 2)
    assert rows.add(b.permit(), [at(-10)]) == [first[-1] + 1]


def test_forms_of_another_model_are_left_out_of_likeness_and_not_of_the_rest(rows: Any) -> None:
    other = replace(b.form(5), maker="another")
    rows.add(b.permit(), [at(-30, form=other), at(-20, form=b.form(6))])
    assert rows.get(b.grant(), 1).form == other
    assert rows.find(b.grant(), EVERYTHING, 10, "").seen.tolist() == [True, False]
    assert rows.find(b.grant(), EVERYTHING, 10, "another").seen.tolist() == [False, True]
    assert rows.among(b.grant(), EVERYTHING, [1, 2], "another").seen.sum() == 1
    assert [i for i, _ in rows.forms(1, 3, "another")] == [1]


def test_forms_come_in_order_and_only_where_there_is_one(rows: Any) -> None:
    rows.add(b.permit(), [at(-30, form=b.form(5)), at(-20, form=None), at(-10, form=b.form(6))])
    assert list(rows.forms(1, 4, "")) == [(1, b.form(5)), (3, b.form(6))]
    assert list(rows.forms(2, 3, "")) == []


@pytest.mark.parametrize(
    "column", ["subject = 'person'", "kind = 'person'", "kind = 'jacket'", "form = x'00'", "mandate_id = ''"]
)
def test_the_database_itself_admits_no_person(tmp_path: Path, column: str) -> None:
    with open_database(tmp_path) as records:
        records.sightings.add(b.permit(), [at(-30)])
        with pytest.raises(Conflict), records._main.write() as connection:
            connection.execute(f"UPDATE sighting SET {column}")


def test_check_names_a_row_whose_class_is_not_of_its_subject(tmp_path: Path) -> None:
    with open_database(tmp_path) as records:
        records.sightings.add(b.permit(), [at(-30)])
        with records._main.write() as connection:
            connection.execute("UPDATE sighting SET subject = 'place'")
        assert [p.key for p in problems_of(records._main, "main")] == ["sighting 1"]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faiss_index, "BLOCK", 300)


@pytest.fixture
def filled(small: None, tmp_path: Path) -> Iterator[tuple[Any, FaissIndex, Path]]:
    """1,000 sightings: three whole blocks and one that grows."""
    with open_database(tmp_path) as records:
        records.sightings.add(b.permit(), [at(-2000 + i, form=b.form(i)) for i in range(1, 1001)])
        folder = tmp_path / "likeness"
        yield records.sightings, FaissIndex(folder, records.sightings, ""), folder


def direction(seed: int) -> np.ndarray:
    row = b.form(seed).row()
    return row / np.linalg.norm(row)


def exact(rows: Any, seed: int, most: int) -> list[int]:
    held = list(rows.forms(1, 2000, ""))
    products = np.stack([form.row() for _, form in held]) @ direction(seed)
    return [held[i][0] for i in np.argsort(-products)[:most]]


def test_the_nearest_is_the_same_one_and_most_of_the_others_are_right(filled: Any) -> None:
    _, index, _ = filled
    for seed in (1, 250, 601, 999):
        near = index.nearest(direction(seed), 10)
        assert near[0] == seed
        assert len(near) == 10


def test_what_is_written_later_is_found_at_once(filled: Any) -> None:
    rows, index, _ = filled
    index.nearest(direction(1), 1)
    rows.add(b.permit(), [at(-5, form=b.form(5000))])
    assert index.nearest(direction(5000), 1) == [1001]


def test_another_process_opens_what_the_first_one_made(filled: Any) -> None:
    rows, index, folder = filled
    index.nearest(direction(1), 1)
    made = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.faiss")}
    assert len(made) == 3
    assert FaissIndex(folder, rows, "").nearest(direction(450), 1) == [450]
    assert {path.name: path.stat().st_mtime_ns for path in folder.glob("*.faiss")} == made


def test_one_flipped_bit_in_the_index_is_noticed(filled: Any) -> None:
    rows, index, folder = filled
    index.nearest(direction(1), 1)
    held = bytearray((folder / "00000001.faiss").read_bytes())
    held[len(held) // 2] ^= 1
    (folder / "00000001.faiss").unlink()
    (folder / "00000001.faiss").write_bytes(held)
    assert FaissIndex(folder, rows, "").check(False, lambda _: None) == ["block 1: its file is damaged"]
    assert FaissIndex(folder, rows, "").nearest(direction(450), 1) == [450]


@pytest.mark.parametrize("held", [b"", b"nonsense", b"\x00" * 4096])
def test_a_damaged_index_is_made_again_from_the_rows(filled: Any, held: bytes) -> None:
    rows, index, folder = filled
    index.nearest(direction(1), 1)
    for path in folder.iterdir():
        path.unlink()  # what is mapped stays what it was
        path.write_bytes(held)
    fresh = FaissIndex(folder, rows, "")
    said = fresh.check(False, lambda _: None)
    assert len(said) == 3 and "damaged" in said[0]
    assert FaissIndex(folder, rows, "").nearest(direction(450), 1) == [450]
    assert FaissIndex(folder, rows, "").check(True, lambda _: None) == []


@pytest.mark.parametrize("left", [0, 100, 9_000])
def test_an_index_cut_short_while_it_is_open_is_made_again_and_ends_nothing(filled: Any, left: int) -> None:
    rows, index, folder = filled
    index.nearest(direction(1), 1)
    for path in folder.glob("*.faiss"):
        with path.open("r+b") as file:
            file.truncate(left)
    assert index.nearest(direction(450), 1) == [450]
    assert FaissIndex(folder, rows, "").check(False, lambda _: None) == []


def test_erased_rows_leave_the_disk_and_the_answers(filled: Any) -> None:
    rows, index, folder = filled
    index.nearest(direction(1), 1)
    with rows._database.write() as connection:
        connection.execute("DELETE FROM sighting WHERE id = 450")
    index.forget([450])
    assert not (folder / "00000001.faiss").exists()
    assert 450 not in index.nearest(direction(450), 20)
    assert FaissIndex(folder, rows, "").check(False, lambda _: None) == []


def test_what_another_model_made_of_erased_rows_leaves_the_disk_too(filled: Any) -> None:
    rows, index, folder = filled
    with rows._database.write() as connection:
        connection.execute("UPDATE sighting SET maker = 'another'")
    other = FaissIndex(folder, rows, "another")
    assert other.nearest(direction(450), 1) == [450]
    assert index.nearest(direction(450), 5) == []
    index.forget([450])
    assert not list(folder.rglob("00000001.*")) and list(folder.rglob("00000000.faiss"))
    assert other.nearest(direction(450), 1) == [450]  # made again from the rows


def test_an_index_that_holds_more_than_the_rows_is_told_and_mended(filled: Any) -> None:
    rows, index, _ = filled
    index.nearest(direction(1), 1)
    with rows._database.write() as connection:
        connection.execute("DELETE FROM sighting WHERE id = 450")
    assert index.check(True, lambda _: None) == ["block 1: it holds 300 forms, the rows 299"]
    assert index.check(False, lambda _: None) == []


def test_blocks_whose_rows_are_all_gone_leave_the_disk(filled: Any) -> None:
    rows, index, folder = filled
    index.nearest(direction(1), 1)
    with rows._database.write() as connection:
        connection.execute("DELETE FROM sighting WHERE id < 700")
    index.nearest(direction(800), 1)
    assert sorted(path.stem for path in folder.glob("*.faiss")) == ["00000002"]
