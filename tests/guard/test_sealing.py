"""Personal words are erased by key; the ledger stays whole (law.md L14)."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import NOW_US
from tests.fakes.clock import FakeClock
from tests.fakes.records import MemoryKeys, MemoryLedger, UnwritableLedger
from tests.guard.world import KEY
from vitrail.adapters.keyfile import signing_key
from vitrail.adapters.publishing import vitrail_verify
from vitrail.adapters.sqlite import open_database
from vitrail.domain.errors import Corrupt, Invalid, Refused
from vitrail.domain.ledger import Entry, Operation, Outcome, SealingKey, period_of, period_over
from vitrail.domain.time import DAY_US, SECOND_US
from vitrail.guard.figures import count
from vitrail.guard.ledger import Ledger
from vitrail.guard.proofs import exported, proof
from vitrail.guard.sealing import ERASED, MACHINE, Keyring, seal, unseal
from vitrail.ports.records import LedgerRecords

SECRET, NONCE = bytes(range(32)), bytes(12)
_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
ENTRIES = st.builds(
    Entry,
    st.integers(0, 2**52),
    st.sampled_from(Operation),
    st.sampled_from(Outcome),
    st.sampled_from(["marie", "paul é", "marie curie"]),
    st.sampled_from(["alert:7", "account:paul", "reviewed:x", "emergency:y", "desk:review", "unmasked:u"]),
    _WORDS,
    detail=_WORDS,
    about=st.one_of(st.none(), st.integers(0, 9)),
)


def ledger(records: LedgerRecords | None = None, clock: FakeClock | None = None, months: int = 36) -> Ledger:
    return Ledger(records or MemoryLedger(), clock or FakeClock(), KEY, months)


def acted(opened: Ledger, who: str = "marie", target: str = "account:paul", detail: str = "") -> Entry:
    index = opened.note(Operation.CHANGE, Outcome.DONE, who, target, "paul lost his badge", detail=detail)
    return opened.entry(index).entry


def later(clock: FakeClock, months: int) -> None:
    clock.advance((period_over(period_of(clock.now_us()), months) - clock.now_us()) / SECOND_US)


@given(ENTRIES)
def test_what_is_sealed_opens_to_what_was_written(entry: Entry) -> None:
    sealed = seal(entry, SECRET, NONCE)
    again = Entry.parse(sealed.payload())
    assert again == sealed and again.payload() == sealed.payload()
    keyring = Keyring(records := MemoryKeys(), FakeClock())
    records.rows["x", "y"] = SealingKey(sealed.key_id, "x", "y", SECRET, 0)
    assert keyring.opened(again) == entry
    records.rows.clear()
    shut = Keyring(records, FakeClock()).opened(again)
    assert (shut.at_us, shut.operation, shut.outcome) == (entry.at_us, entry.operation, entry.outcome)
    assert shut.actor == ERASED and entry.actor not in str(shut)


@given(ENTRIES, st.data())
def test_sealed_words_fit_no_other_entry_and_no_other_key(entry: Entry, data: st.DataObject) -> None:
    sealed = seal(entry, SECRET, NONCE)
    other = data.draw(
        st.sampled_from(
            [
                replace(sealed, at_us=sealed.at_us + 1),
                replace(sealed, target="alert:8"),
                replace(sealed, actor="somebody"),
                replace(sealed, rule="L01"),
                replace(sealed, about=77),
                replace(sealed, sealed=sealed.sealed[::-1]),
                replace(sealed, sealed=""),
                replace(sealed, sealed="é"),
            ]
        )
    )
    with pytest.raises(Corrupt):
        unseal(other, SECRET)
    with pytest.raises(Corrupt):
        unseal(sealed, bytes(32))


def test_the_length_of_the_sealed_words_does_not_tell_a_name() -> None:
    lengths = {
        len(seal(Entry(0, Operation.RULE, Outcome.DONE, who, "x", "sign in"), SECRET, NONCE).sealed)
        for who in ("al", "marie", "wilhelmina")
    }
    assert len(lengths) == 1


def test_what_is_stored_names_nobody_and_quotes_nobody() -> None:
    records = MemoryLedger()
    opened = ledger(records)
    entry = acted(opened, detail="assigned sophie")
    assert (entry.actor, entry.target, entry.reason, entry.detail) == (
        "marie",
        "account:paul",
        "paul lost his badge",
        "assigned sophie",
    )
    assert (entry.key_id, entry.sealed) == ("", "")
    stored = records.rows[0][0]
    for word in (b"marie", b"paul", b"badge", b"sophie"):
        assert word not in stored
    assert json.loads(stored)["target"] == "account:"


def test_the_system_itself_is_nobody_but_the_account_it_names_is_somebody() -> None:
    records = MemoryLedger()
    opened = ledger(records)
    opened.note(Operation.COLLECT, Outcome.DONE, MACHINE, "alert:1", "presence 1.0", detail="presence at camera gate")
    opened.note(Operation.CHANGE, Outcome.DONE, MACHINE, "account:marie", "first run")
    plain, named = (json.loads(payload) for _, payload in records.read(0, 2))
    assert "sealed" not in plain and plain["detail"] == "presence at camera gate"
    assert named["actor"] == MACHINE and named["target"] == "account:" and "marie" not in str(named)
    assert opened.entry(1).entry.target == "account:marie"


def test_one_key_for_each_account_and_month() -> None:
    records, clock = MemoryLedger(), FakeClock()
    opened = ledger(records, clock)
    for who in ("marie", "paul", "marie"):
        acted(opened, who)
    assert sorted(records.keys.rows) == [("marie", "2026-11"), ("paul", "2026-11")]
    later(clock, 1)
    acted(ledger(records, clock))
    assert ("marie", "2026-12") in records.keys.rows
    assert len({key.secret for key in records.keys.rows.values()}) == 3


@pytest.mark.parametrize(("months", "over"), [(36, "2029-11"), (12, "2027-11"), (7, "2027-06"), (6, "2027-06")])
def test_words_live_as_long_as_declared_at_most_and_six_months_at_least(months: int, over: str) -> None:
    records = MemoryLedger()
    acted(ledger(records, months=months))
    (key,) = records.keys.rows.values()
    assert key.erase_after_us == period_over(over, 0)
    assert key.erase_after_us - NOW_US <= 36 * 31 * DAY_US
    assert key.erase_after_us - period_over("2026-12", 0) >= 181 * DAY_US


@pytest.mark.parametrize("months", [0, 5, 37, 1000])
def test_less_than_six_months_and_more_than_thirty_six_are_refused(months: int) -> None:
    with pytest.raises(Invalid, match="ledger"):
        ledger(months=months)


def test_a_destroyed_key_opens_nothing_any_more_and_the_ledger_is_whole() -> None:
    records, clock = MemoryLedger(), FakeClock()
    opened = ledger(records, clock, 12)
    acted(opened, detail="assigned sophie")
    opened.conclude(0, Outcome.DONE, "sophie again")
    opened.checkpoint()
    before = list(records.rows)
    assert opened.forget() == 0
    later(clock, 12)
    assert opened.forget() == 1
    assert opened.forget() == 0
    opened.checkpoint()
    first, second = (stored.entry for stored in opened.entries(0, 2))
    assert (first.actor, first.target, first.reason, first.detail) == (ERASED, f"account:{ERASED}", ERASED, "")
    assert (second.actor, second.reason, second.detail, second.about) == (ERASED, "", "", 0)
    told, done = (stored.entry for stored in opened.entries(2, 4))
    assert (told.operation, told.actor, told.outcome, told.detail) == (
        Operation.ERASE,
        MACHINE,
        Outcome.OPENED,
        "months 2026-11",
    )
    assert (done.about, done.detail) == (2, "1 keys destroyed, months 2026-11")
    assert records.rows[:2] == before
    assert opened.verify().problems == ()


def test_another_process_forgets_what_one_destroyed_within_seconds() -> None:
    records, clock = MemoryLedger(), FakeClock()
    mine, theirs = ledger(records, clock, 12), ledger(records, clock, 12)
    acted(mine)
    later(clock, 12)
    assert mine.entry(0).entry.actor == "marie"
    assert theirs.forget() == 1
    clock.advance(11)
    assert mine.entry(0).entry.actor == ERASED


def test_nothing_is_destroyed_when_it_cannot_be_written_down() -> None:
    records, clock = UnwritableLedger(), FakeClock()
    opened = ledger(records, clock, 12)
    acted(opened)
    later(clock, 12)
    records.full = True
    with pytest.raises(Refused):
        opened.forget()
    assert opened.entry(0).entry.actor == "marie"


def test_a_key_that_went_before_its_time_is_noticed() -> None:
    records = MemoryLedger()
    opened = ledger(records)
    acted(opened)
    records.keys.rows.clear()
    assert opened.verify().problems == (
        "entry 0: the key of its sealed words is gone, and no entry says that it was destroyed",
    )


def test_sealed_words_that_do_not_fit_their_key_are_not_shown() -> None:
    records = MemoryLedger()
    acted(ledger(records))
    (name, key) = next(iter(records.keys.rows.items()))
    records.keys.rows[name] = replace(key, secret=bytes(32))
    with pytest.raises(Corrupt, match="entry 0"):
        ledger(records).entry(0)


def test_entries_of_before_are_read_as_they_are() -> None:
    records = MemoryLedger()
    old = Entry(NOW_US, Operation.CONSULT, Outcome.OPENED, "marie", "alert:1", "the night shift")
    records.append([old.payload()])
    opened = ledger(records)
    assert opened.entry(0).entry == old
    opened.conclude(0, Outcome.DONE)
    assert opened.entry(1).entry.actor == "marie"
    assert b"marie" not in records.rows[1][0]
    assert opened.verify().problems == ()


def test_figures_are_the_same_before_and_after_erasing() -> None:
    records, clock = MemoryLedger(), FakeClock()
    opened = ledger(records, clock, 12)
    for n in range(9):
        detail = "presence at camera gate"
        opened.note(Operation.COLLECT, Outcome.DONE, MACHINE, f"alert:{n}", "presence 1.0", detail=detail)
        acted(opened, "marie", f"alert:{n}", "dismissed after 60.0 s" if n % 2 else "confirmed after 5.0 s")

    def figures() -> object:
        counted = count((stored.entry for stored in opened.entries(0, 18)), 18)
        return counted.figures(), counted.uses()

    before = figures()
    later(clock, 12)
    assert opened.forget() == 1
    assert figures() == before
    assert opened.entry(1).entry.actor == ERASED


# What is handed out


def problems(folder: Path, lines: list[str]) -> list[str]:
    path = folder / "ledger.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return vitrail_verify.check_ledger(str(path), KEY.public_key().public_bytes_raw().hex(), "")


def handed(records: LedgerRecords) -> list[str]:
    return list(exported(records, "town", KEY.public_key().public_bytes_raw()))


def test_a_copy_shows_the_words_with_their_key_and_the_verifier_checks_them(tmp_path: Path) -> None:
    records, clock = MemoryLedger(), FakeClock()
    opened = ledger(records, clock, 12)
    acted(opened)
    opened.checkpoint()
    lines = handed(records)
    row = json.loads(lines[1])
    assert row["opened"]["fields"] == {"actor": "marie", "reason": "paul lost his badge", "target": "account:paul"}
    assert "marie" not in row["payload"]
    assert problems(tmp_path, lines) == []
    for wrong in ({"actor": "paul"}, {}, {**row["opened"]["fields"], "detail": "more"}):
        forged = {**row, "opened": {**row["opened"], "fields": wrong}}
        said = problems(tmp_path, [lines[0], json.dumps(forged), *lines[2:]])
        assert said == ["entry 0: the words shown are not those that were sealed"]
    for key in ("00" * 32, "zz", ""):
        forged = {**row, "opened": {**row["opened"], "key": key}}
        assert problems(tmp_path, [lines[0], json.dumps(forged), *lines[2:]])
    later(clock, 12)
    opened.forget()
    lines = handed(records)
    assert "opened" not in json.loads(lines[1])
    assert problems(tmp_path, lines) == []
    assert "marie" not in "".join(lines)


def test_a_proof_shows_the_words_too(tmp_path: Path) -> None:
    records = MemoryLedger()
    opened = ledger(records)
    acted(opened)
    opened.checkpoint()
    made = dict(proof(records, 0, opened.public_key))
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(made), "utf-8")
    assert vitrail_verify.check_proof(str(path), "") == []
    made["opened"] = {"fields": {"actor": "paul"}, "key": "00" * 32}
    path.write_text(json.dumps(made), "utf-8")
    assert vitrail_verify.check_proof(str(path), "") == ["entry 0: the words shown are not those that were sealed"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["marie", "paul", MACHINE]), min_size=1, max_size=12), st.data())
def test_sealed_and_destroyed_the_copy_verifies_and_each_flipped_character_is_named(
    tmp_path: Path, who: list[str], data: st.DataObject
) -> None:
    records, clock = MemoryLedger(), FakeClock()
    opened = ledger(records, clock, 7)
    for name in who:
        acted(opened, name, "case:1")
    if data.draw(st.booleans()):
        later(clock, 7)
        assert opened.forget() == len(set(who) - {MACHINE})
    opened.checkpoint()
    lines = handed(records)
    assert problems(tmp_path, lines) == []
    index = data.draw(st.integers(0, len(who) - 1))
    row = json.loads(lines[1 + index])
    place = data.draw(st.integers(0, len(row["payload"]) - 1))
    text = row["payload"]
    row["payload"] = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
    lines[1 + index] = json.dumps(row)
    assert problems(tmp_path, lines)[0].startswith(f"entry {index}:")


# In the real store


def test_nothing_of_a_destroyed_key_stays_in_the_file(tmp_path: Path) -> None:
    clock = FakeClock()
    with open_database(tmp_path) as records:
        opened = ledger(records.ledger, clock, 7)
        for who in ("marie", "paul"):
            acted(opened, who, "case:1")
        secrets = [key.secret for key in records.ledger.keys.due(2**62)]
        assert len(secrets) == 2
        later(clock, 7)
        assert opened.forget() == 2
        opened.close()
        for name in ("ledger.db", "ledger.db-wal"):
            left = (tmp_path / name).read_bytes()
            assert not any(secret in left for secret in secrets), name
            assert b"marie" not in left and b"paul" not in left, name
    with open_database(tmp_path) as records:
        again = ledger(records.ledger, clock)
        assert again.entry(0).entry.actor == ERASED
        assert again.verify().problems == ()


def test_two_processes_use_the_same_key(tmp_path: Path) -> None:
    with open_database(tmp_path) as first, open_database(tmp_path) as second:
        mine, theirs = ledger(first.ledger), ledger(second.ledger)
        acted(mine)
        acted(theirs)
        assert len(first.ledger.keys.ids()) == 1
        assert [stored.entry.actor for stored in mine.entries(0, 2)] == ["marie", "marie"]


def test_processes_that_make_a_key_at_once_make_one(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from vitrail.adapters.sqlite import open_database\n"
        "from vitrail.adapters.clock import SystemClock; from vitrail.adapters.keyfile import signing_key\n"
        "from vitrail.domain.ledger import Operation, Outcome; from vitrail.guard.ledger import Ledger\n"
        "state = Path(sys.argv[1])\n"
        "with open_database(state) as records:\n"
        "    ledger = Ledger(records.ledger, SystemClock(), signing_key(state))\n"
        "    print('ready', flush=True); sys.stdin.readline()\n"
        "    for n in range(20): ledger.note(Operation.CONSULT, Outcome.DONE, f'who {n}', 'alert:1', 'a test')\n"
    )
    open_database(tmp_path).close()
    signing_key(tmp_path)
    words = [sys.executable, "-c", program, str(tmp_path)]
    running = [subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for each in running:
        assert each.stdout is not None and each.stdout.readline() == "ready\n"
    for each in running:
        each.communicate("go\n", timeout=60)
        assert each.returncode == 0
    with open_database(tmp_path) as records:
        opened = Ledger(records.ledger, FakeClock(), signing_key(tmp_path))
        months = {period_of(stored.entry.at_us) for stored in opened.entries(0, 40)}
        assert len(records.ledger.keys.ids()) <= 20 * len(months)
        assert sorted(s.entry.actor for s in opened.entries(0, 40)) == sorted(
            f"who {n}" for n in range(20) for _ in "ab"
        )
        assert opened.verify().problems == ()
