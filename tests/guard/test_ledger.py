"""The ledger: written before, concluded after, and no entry can be touched unseen."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import NOW_US
from tests.fakes.clock import FakeClock
from tests.fakes.records import MemoryLedger, UnwritableLedger
from vitrail.adapters.sqlite import open_database
from vitrail.domain.errors import Corrupt, NotFound, Refused, Unavailable
from vitrail.domain.ledger import BLOCK, FIRST_LINK, Checkpoint, Entry, Operation, Outcome, leaf_hash, link_after
from vitrail.guard.ledger import CHECKPOINT_EVERY, Ledger
from vitrail.guard.merkle import root_of
from vitrail.guard.verification import checkpoint_note, verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def ledger(records: Any = None, clock: Any = None) -> Ledger:
    return Ledger(records if records is not None else MemoryLedger(), clock or FakeClock(), KEY)


def write(opened: Ledger, count: int) -> None:
    for i in range(count):
        opened.note(Operation.CONSULT, Outcome.DONE, "marie", f"alert:{i}", "a test")


def test_a_use_is_written_before_and_after() -> None:
    opened = ledger()
    index = opened.open(Operation.CONSULT, "marie", "alert:1", "round of the morning", "try-out")
    opened.conclude(index, Outcome.DONE, "shown")
    before, after = (stored.entry for stored in opened.entries(0, 2))
    assert before == Entry(
        NOW_US, Operation.CONSULT, Outcome.OPENED, "marie", "alert:1", "round of the morning", "try-out"
    )
    assert (after.outcome, after.about, after.detail) == (Outcome.DONE, index, "shown")
    assert (after.operation, after.actor, after.target, after.mandate_id) == (
        before.operation,
        before.actor,
        before.target,
        before.mandate_id,
    )


def test_entries_about_something_are_found_among_the_others_and_opened() -> None:
    opened = ledger()
    write(opened, 3)
    opened.note(Operation.CHANGE, Outcome.DONE, "marie", "handover:1", "the quay is closed")
    opened.note(Operation.CHANGE, Outcome.DONE, "marie", "alert:handover:", 'says "target":"handover:2"')
    opened.note(Operation.CHANGE, Outcome.DONE, "marie", "handover:3", "né à côté")
    found = [(stored.index, stored.entry) for stored in opened.entries_about(1, opened.size, "handover:")]
    assert [(index, entry.target, entry.reason) for index, entry in found] == [
        (3, "handover:1", "the quay is closed"),
        (5, "handover:3", "né à côté"),
    ]
    assert list(opened.entries_about(4, 5, "handover:")) == []


def test_what_cannot_be_written_is_refused() -> None:
    records = UnwritableLedger()
    opened = ledger(records)
    index = opened.open(Operation.CONSULT, "marie", "alert:1", "a test")
    records.full = True
    attempts: list[Callable[[], object]] = [
        lambda: opened.open(Operation.CONSULT, "marie", "alert:2", "a test"),
        lambda: opened.note(Operation.RULE, Outcome.DONE, "vitrail", "x", "y"),
        lambda: opened.conclude(index, Outcome.DONE),
    ]
    for attempt in attempts:
        with pytest.raises(Refused) as caught:
            attempt()
        assert caught.value.rule == "L13"
        assert "disk is full" in caught.value.remedy
    records.full = False
    opened.conclude(index, Outcome.DONE)
    assert opened.verify().problems == ()


def test_an_honest_ledger_verifies_also_after_a_restart() -> None:
    records = MemoryLedger()
    write(ledger(records), 5)
    again = ledger(records)
    write(again, 4)
    again.close()
    report = again.verify()
    assert (report.size, report.checkpoints, report.problems) == (9, 1, ())
    assert report.root_hex == root_of(list(records.leaf_hashes(0, 9))).hex()


def test_an_empty_ledger_verifies() -> None:
    report = ledger().verify()
    assert (report.size, report.checkpoints, report.problems) == (0, 0, ())


def test_heads_are_signed_every_so_many_entries_and_at_close() -> None:
    records = MemoryLedger()
    opened = ledger(records)
    write(opened, 2 * CHECKPOINT_EVERY + 3)
    assert [head.size for head in records.checkpoints()] == [CHECKPOINT_EVERY, 2 * CHECKPOINT_EVERY]
    opened.close()
    opened.close()
    assert [head.size for head in records.checkpoints()][2:] == [2 * CHECKPOINT_EVERY + 3]
    assert opened.verify().problems == ()


def test_two_processes_on_one_ledger_each_sign_what_both_wrote() -> None:
    records = MemoryLedger()
    first, second = ledger(records), ledger(records)
    write(first, 3)
    write(second, 2)
    write(first, 1)
    head = second.checkpoint()
    assert head.size == 6
    assert first.verify().problems == ()


def test_threads_of_one_process_write_one_after_the_other() -> None:
    records = MemoryLedger()
    opened = ledger(records)
    threads = [threading.Thread(target=write, args=(opened, 50)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    opened.close()
    assert opened.size == 200
    assert opened.verify().problems == ()


def test_progress_runs_from_nothing_to_all() -> None:
    opened = ledger()
    write(opened, 600)
    told: list[float] = []
    opened.verify(told.append)
    assert told == sorted(told) and told[0] == 0.0 and told[-1] == 1.0 and len(told) > 2


def test_a_clock_that_goes_back_is_written_down_once_and_never_followed() -> None:
    clock = FakeClock()
    opened = ledger(clock=clock)
    write(opened, 1)
    clock.set_back(3600)
    write(opened, 2)
    entries = [stored.entry for stored in opened.entries(0, opened.size)]
    assert [entry.at_us for entry in entries] == [NOW_US] * 4
    assert [entry.target for entry in entries] == ["alert:0", "clock", "alert:0", "alert:1"]
    assert "2026-11-23T11:00:00" in entries[1].detail
    clock.advance(3601)
    write(opened, 1)
    clock.set_back(3600)
    write(opened, 1)
    assert [stored.entry.target for stored in opened.entries(4, 7)] == ["alert:0", "clock", "alert:0"]


def test_a_small_correction_of_the_clock_is_evened_out_without_a_word() -> None:
    clock = FakeClock()
    opened = ledger(clock=clock)
    write(opened, 1)
    clock.set_back(0.5)
    write(opened, 1)
    assert [stored.entry.at_us for stored in opened.entries(0, 2)] == [NOW_US, NOW_US]


def test_after_a_restart_entries_are_still_not_before_the_last() -> None:
    records = MemoryLedger()
    write(ledger(records), 1)
    write(ledger(records, FakeClock(NOW_US - 10)), 1)
    assert [Entry.parse(payload).at_us for _, payload in records.read(0, 2)] == [NOW_US, NOW_US]


# Somebody edits the file


class Edited(MemoryLedger):
    """A ledger whose rows somebody can reach, with the index each row claims."""

    def __init__(self) -> None:
        super().__init__()
        self.indexes: list[int] | None = None

    def read(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        for i, payload in super().read(start, stop):
            yield (self.indexes[i] if self.indexes else i), payload


def edited(count: int = 20, signed: bool = True) -> tuple[Edited, Ledger]:
    records = Edited()
    opened = ledger(records)
    write(opened, count)
    if signed:
        opened.close()
    assert opened.verify().problems == ()
    return records, opened


def relink(records: MemoryLedger) -> None:
    """What a careful forger does: recompute every hash and link."""
    link = FIRST_LINK
    for i, (payload, _, _) in enumerate(records.rows):
        link = link_after(link, leaf_hash(payload))
        records.rows[i] = (payload, leaf_hash(payload), link)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 19), st.sampled_from([0, 1, 2]), st.integers(0, 10**6), st.integers(1, 255))
def test_a_flipped_byte_anywhere_is_found_and_its_entry_named(row: int, column: int, where: int, flip: int) -> None:
    records, opened = edited()
    parts = list(records.rows[row])
    broken = bytearray(parts[column])
    broken[where % len(broken)] ^= flip
    parts[column] = bytes(broken)
    records.rows[row] = (parts[0], parts[1], parts[2])
    assert f"entry {row}:" in opened.verify().problems[0]


@given(st.integers(0, 18))
def test_a_dropped_entry_is_found_and_named(row: int) -> None:
    records, opened = edited()
    del records.rows[row]
    records.indexes = [i for i in range(20) if i != row]
    assert opened.verify().problems[0].startswith(f"entry {row}: missing")


@given(st.integers(0, 19))
def test_an_entry_dropped_and_the_rest_renumbered_is_found(row: int) -> None:
    records, opened = edited()
    del records.rows[row]
    first = opened.verify().problems[0]
    assert first.startswith(f"entry {row}:" if row < 19 else "entries 19..19: missing")


@given(st.lists(st.integers(0, 19), min_size=2, max_size=2, unique=True))
def test_two_entries_changed_round_are_found_and_the_first_named(rows: list[int]) -> None:
    records, opened = edited()
    one, two = sorted(rows)
    records.rows[one], records.rows[two] = records.rows[two], records.rows[one]
    assert opened.verify().problems[0].startswith(f"entry {one}:")


@given(st.integers(0, 19))
def test_an_inserted_entry_is_found_and_named(row: int) -> None:
    records, opened = edited()
    forged = Entry(NOW_US, Operation.CONSULT, Outcome.DONE, "paul", "alert:9", "never happened").payload()
    records.rows.insert(row, (forged, leaf_hash(forged), bytes(32)))
    assert opened.verify().problems[0].startswith(f"entry {row}:")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 19))
def test_a_forger_who_recomputes_every_hash_meets_the_signed_head(row: int) -> None:
    records, opened = edited()
    changed = Entry.parse(records.rows[row][0]).payload().replace(b"alert:", b"other:")
    records.rows[row] = (changed, b"", b"")
    relink(records)
    assert opened.verify().problems == ("checkpoint at 20: an entry among 0..19 is not what was signed",)


def test_a_wrong_entry_is_narrowed_down_between_two_signed_heads() -> None:
    records = MemoryLedger()
    opened = ledger(records)
    for _ in range(3):
        write(opened, 10)
        opened.checkpoint()
    changed = records.rows[14][0].replace(b"alert:", b"other:")
    records.rows[14] = (changed, b"", b"")
    relink(records)
    assert opened.verify().problems[0] == "checkpoint at 20: an entry among 10..19 is not what was signed"


def test_entries_taken_off_the_end_are_missed_by_the_signed_head() -> None:
    records, opened = edited()
    del records.rows[15:]
    assert opened.verify().problems == ("entries 15..19: missing (a checkpoint was signed over 20 entries)",)


def test_a_running_ledger_notices_that_entries_were_taken_off() -> None:
    records, opened = edited()
    del records.rows[15:]
    with pytest.raises(Refused) as caught:
        write(opened, 1)
    assert caught.value.rule == "L13"


def test_a_head_signed_with_another_key_is_not_believed() -> None:
    records, opened = edited(signed=False)
    stranger = Ledger(records, FakeClock(), Ed25519PrivateKey.generate())
    stranger.checkpoint()
    assert opened.verify().problems == ("checkpoint at 20: signed with another key than this ledger's",)


def test_a_forged_signature_is_not_believed() -> None:
    records, opened = edited()
    head = records.heads[0]
    for forged in (
        Checkpoint(head.size, head.root, head.at_us + 1, head.signature, head.public_key),
        Checkpoint(head.size, head.root, head.at_us, bytes(64), head.public_key),
    ):
        records.heads[0] = forged
        assert opened.verify().problems == ("checkpoint at 20: the signature does not fit",)


def test_an_entry_about_a_later_one_is_wrong() -> None:
    records = MemoryLedger()
    records.append([Entry(NOW_US, Operation.RULE, Outcome.DONE, "x", "y", "z", about=3).payload()])
    assert "speaks of entry 3" in ledger(records).verify().problems[0]


def test_an_entry_in_another_form_is_wrong() -> None:
    records = MemoryLedger()
    write(ledger(records), 1)
    spaced = records.rows[0][0].replace(b":", b": ", 1)
    records.rows[0] = (spaced, b"", b"")
    relink(records)
    assert "canonical" in ledger(records).verify().problems[0]
    records.rows[0] = (b"not json", b"", b"")
    relink(records)
    assert "cannot be read" in verify(records, b"").problems[0]


@pytest.mark.parametrize(
    "strange",
    [
        {"at_us": 10**30},
        {"at_us": "noon"},
        {"key_id": ["a"]},
        {"key_id": 7},
        {"about": "three"},
        {"operation": "spy"},
        {"outcome": []},
        {"target": "personal words", "operation": "erase", "detail": 5},
        {"more": "fields"},
    ],
)
def test_an_entry_that_no_vitrail_wrote_is_named_and_stops_nothing(strange: dict[str, Any]) -> None:
    records = MemoryLedger()
    usual = Entry(NOW_US, Operation.CONSULT, Outcome.DONE, "vitrail", "alert:1", "a test")
    record = {**json.loads(replace(usual, key_id="k", sealed="s").payload()), **strange}
    payload = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    records.append([usual.payload(), payload, usual.payload()])
    opened = ledger(records)
    assert opened.verify().problems[0].startswith("entry 1:")
    assert opened.note(Operation.CONSULT, Outcome.DONE, "marie", "alert:1", "a test") == 3
    records.append([payload])
    assert ledger(records).note(Operation.CONSULT, Outcome.DONE, "marie", "alert:1", "a test") == 5


def test_a_damaged_last_entry_does_not_keep_the_ledger_from_naming_it() -> None:
    records, _ = edited()
    records.rows[19] = (b"{}", *records.rows[19][1:])
    again = ledger(records)
    assert again.verify().problems[0].startswith("entry 19:")
    with pytest.raises(Corrupt):
        again.entry(19)
    with pytest.raises(NotFound):
        again.entry(20)


def test_the_note_that_is_signed_is_plain_text() -> None:
    assert checkpoint_note(2, bytes(32), 5).decode().split("\n") == [
        "vitrail ledger 1",
        "2",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "5",
        "",
    ]


def test_a_ledger_in_sqlite_survives_reopening(tmp_path: Path) -> None:
    with open_database(tmp_path) as records:
        opened = ledger(records.ledger)
        write(opened, CHECKPOINT_EVERY + 10)
    with open_database(tmp_path) as records:
        again = ledger(records.ledger)
        write(again, 1)
        again.close()
        report = again.verify()
        assert (report.size, report.checkpoints, report.problems) == (CHECKPOINT_EVERY + 11, 2, ())


def test_a_store_that_fails_while_signing_loses_no_entry() -> None:
    class NoHeads(MemoryLedger):
        def add_checkpoint(self, checkpoint: Checkpoint) -> None:
            raise Unavailable("no room for heads")

    records = NoHeads()
    opened = ledger(records)
    write(opened, CHECKPOINT_EVERY + 2)
    assert opened.size == CHECKPOINT_EVERY + 2
    with pytest.raises(Unavailable):
        opened.checkpoint()


# The roots kept of whole blocks


class Blocks(MemoryLedger):
    def __init__(self, count: int) -> None:
        super().__init__()
        entry = Entry(NOW_US, Operation.CONSULT, Outcome.DONE, "vitrail", "alert:1", "a test")
        self.append([entry.payload()] * count)
        self.false: int | None = None

    def blocks(self, start: int, stop: int) -> Iterator[bytes]:
        for index, root in enumerate(super().blocks(start, stop), start):
            yield bytes(32) if index == self.false else root


@pytest.mark.parametrize("count", [BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 3])
def test_a_restart_from_the_kept_roots_stands_where_it_stood(count: int) -> None:
    records = Blocks(count)
    again = ledger(records)
    write(again, 2)
    assert again.checkpoint().root == root_of([row[1] for row in records.rows])
    assert again.verify().problems == ()


def test_a_false_kept_root_is_named() -> None:
    records = Blocks(3 * BLOCK + 3)
    opened = ledger(records)
    opened.checkpoint()
    records.false = 1
    assert opened.verify().problems == (f"entries {BLOCK}..{2 * BLOCK - 1}: the root kept of them is not theirs",)
