"""What is handed out of the ledger is checked by a program that knows nothing of the product."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.clock import FakeClock
from tests.fakes.records import MemoryLedger, MemoryRecords
from tests.guard.world import KEY
from vitrail.adapters.publishing import vitrail_verify
from vitrail.adapters.witness import tell
from vitrail.domain.errors import Corrupt, Invalid, NotFound, Unavailable
from vitrail.domain.ledger import BLOCK, Entry, Operation, Outcome, leaf_hash
from vitrail.guard.ledger import Ledger
from vitrail.guard.merkle import inclusion_proof
from vitrail.guard.proofs import consistency, exported, head, head_line, kept_heads, proof
from vitrail.guard.witnesses import Witnesses

VERIFIER = str(resources.files("vitrail.adapters.publishing").joinpath("vitrail_verify.py"))


def grown(count: int) -> tuple[Ledger, MemoryRecords]:
    records = MemoryRecords()
    ledger = Ledger(records.ledger, FakeClock(), KEY)
    for number in range(count):
        ledger.note(Operation.CONSULT, Outcome.DONE, f"person {number} é", f"alert:{number}", "a test")
        if number % 7 == 3:
            ledger.checkpoint()
    ledger.checkpoint()
    return ledger, records


def written(folder: Path, count: int = 20) -> Path:
    ledger, records = grown(count)
    path = folder / "ledger.jsonl"
    path.write_text("".join(f"{line}\n" for line in exported(records.ledger, "town", ledger.public_key)), "utf-8")
    return path


def alone(*words: str) -> "subprocess.CompletedProcess[str]":
    """Isolated: no path of this repository, no environment, no user's packages."""
    return subprocess.run(
        [sys.executable, "-I", VERIFIER, *words], capture_output=True, text=True, timeout=60, check=False, cwd="/"
    )


def problems(path: Path, key: str = "", witness: str = "") -> list[str]:
    return vitrail_verify.check_ledger(str(path), key, witness)


def test_the_verifier_imports_nothing_of_the_product() -> None:
    text = Path(VERIFIER).read_text(encoding="utf-8")
    imports = {line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imports <= set(sys.stdlib_module_names) | {"cryptography"}


def test_a_whole_ledger_is_found_whole(tmp_path: Path) -> None:
    done = alone("ledger", str(written(tmp_path)))
    assert done.returncode == 0, done.stderr
    assert "20 entries" in done.stdout
    assert "whole and in order" in done.stdout


def test_an_altered_one_is_named_and_ends_with_one(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("alert:5", "alert:6"), encoding="utf-8")
    done = alone("ledger", str(path))
    assert done.returncode == 1
    assert "entry 5: its text was changed" in done.stderr


def test_words_that_are_no_ledger_end_with_two(tmp_path: Path) -> None:
    (tmp_path / "x").write_text('{"kind": "checkpoint"}\n')
    assert alone("ledger", str(tmp_path / "x")).returncode == 2
    assert alone("ledger", str(tmp_path / "nowhere")).returncode == 2
    path = written(tmp_path)
    path.write_text(path.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    assert alone("ledger", str(path)).returncode == 2


def test_a_copy_without_any_signed_head_proves_nothing(tmp_path: Path) -> None:
    path = written(tmp_path)
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if '"checkpoint"' not in line]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert problems(path) == ["no signed head: nothing here was vouched for by anybody"]
    path.write_text("", encoding="utf-8")
    assert problems(path)


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_dropping_moving_or_cutting_off_any_line_is_found(tmp_path: Path, data: st.DataObject) -> None:
    path = written(tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    at = data.draw(st.integers(1, 20))
    how = data.draw(st.sampled_from(["drop", "swap", "cut", "double"]))
    if how == "drop":
        del lines[at]
    elif how == "swap":
        other = data.draw(st.integers(1, 20).filter(lambda n: n != at))
        lines[at], lines[other] = lines[other], lines[at]
    elif how == "double":
        lines.insert(at, lines[at])
    else:
        lines = [line for n, line in enumerate(lines) if not at <= n <= 20]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert problems(path)


@given(st.integers(0, 19), st.integers(0, 40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changing_any_character_of_any_entry_is_found(tmp_path: Path, index: int, place: int) -> None:
    path = written(tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    row = json.loads(lines[1 + index])
    text = row["payload"]
    place %= len(text)
    row["payload"] = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
    lines[1 + index] = json.dumps(row)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert problems(path)[0].startswith(f"entry {index}:")


@pytest.mark.parametrize("size", [1, 2, 3, 8, 13, 20])
def test_every_entry_has_a_proof_that_holds_alone(size: int, tmp_path: Path) -> None:
    ledger, records = grown(size)
    for index in range(size):
        (tmp_path / "proof.json").write_text(json.dumps(proof(records.ledger, index, ledger.public_key)), "utf-8")
        assert vitrail_verify.check_proof(str(tmp_path / "proof.json"), ledger.public_key.hex()) == []


def test_a_proof_of_something_else_does_not_hold(tmp_path: Path) -> None:
    ledger, records = grown(9)
    made = dict(proof(records.ledger, 4, ledger.public_key))
    for wrong in (made | {"index": 5}, made | {"payload": "{}"}, made | {"path": []}):
        (tmp_path / "proof.json").write_text(json.dumps(wrong), "utf-8")
        assert alone("proof", str(tmp_path / "proof.json")).returncode == 1
    (tmp_path / "proof.json").write_text(json.dumps(made), "utf-8")
    assert alone("proof", str(tmp_path / "proof.json"), "--key", "00" * 32).returncode == 1


def test_an_entry_that_does_not_exist_has_no_proof() -> None:
    ledger, records = grown(3)
    for index in (-1, 3, 99):
        with pytest.raises(NotFound):
            proof(records.ledger, index, ledger.public_key)


def shown(folder: Path, proof: object) -> str:
    path = folder / "proof.json"
    path.write_text(json.dumps(proof), "utf-8")
    return str(path)


def test_a_proof_out_of_many_reads_the_roots_kept_beside_them(tmp_path: Path) -> None:
    class Counted(MemoryLedger):
        leaves = 0

        def leaf_hashes(self, start: int, stop: int) -> Iterator[bytes]:
            self.leaves += min(stop, len(self.rows)) - start
            return super().leaf_hashes(start, stop)

    size = 9 * BLOCK + 77
    records = Counted()
    entry = Entry(1, Operation.CONSULT, Outcome.DONE, "vitrail", "alert:1", "a test")
    records.append([replace(entry, at_us=at).payload() for at in range(size)])
    Ledger(records, FakeClock(), KEY).checkpoint()
    records.leaves = 0
    for index in (0, BLOCK - 1, BLOCK, 5 * BLOCK + 3, size - 78, size - 77, size - 1):
        made = proof(records, index, KEY.public_key().public_bytes_raw())
        leaves = [row[1] for row in records.rows]
        assert made["path"] == [step.hex() for step in inclusion_proof(leaves, index)]
        assert vitrail_verify.check_proof(shown(tmp_path, made), "") == []
    assert records.leaves <= 7 * 2 * BLOCK


@pytest.mark.parametrize("what", ["payload", "leaf"])
def test_what_is_not_as_it_was_signed_has_no_proof(what: str) -> None:
    ledger, records = grown(9)
    rows = records.ledger.rows
    payload, leaf, link = rows[4]
    changed = payload.replace(b"alert:4", b"alert:5")
    rows[4] = (changed, leaf, link) if what == "payload" else (payload, leaf_hash(changed), link)
    with pytest.raises(Corrupt, match="not what was signed"):
        proof(records.ledger, 4 if what == "payload" else 5, ledger.public_key)
    if what == "leaf":
        with pytest.raises(Corrupt, match="not what was signed"):
            consistency(records.ledger, 4)


def test_the_head_is_the_newest_and_names_nobody() -> None:
    _, records = grown(20)
    newest = max(records.ledger.heads, key=lambda each: each.size)
    assert head(records.ledger) == {
        "size": 20,
        "root": newest.root.hex(),
        "at_us": newest.at_us,
        "signature": newest.signature.hex(),
        "public_key": KEY.public_key().public_bytes_raw().hex(),
    }
    assert vitrail_verify.rightly_signed(head(records.ledger), KEY.public_key().public_bytes_raw().hex())  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        head(MemoryLedger())


def test_each_head_is_proven_to_continue_the_ones_before_it(tmp_path: Path) -> None:
    _, records = grown(20)
    for size in sorted({each.size for each in records.ledger.heads}):
        made = consistency(records.ledger, size)
        assert vitrail_verify.check_consistency(shown(tmp_path, made), "", "") == []
    assert alone("consistency", shown(tmp_path, made), "--key", "00" * 32).returncode == 1
    done = alone("consistency", shown(tmp_path, consistency(records.ledger, 4)))
    assert (done.returncode, done.stdout) == (0, "the ledger of 20 entries begins with the 4 that were signed before\n")
    for size in (0, 5, 21):
        with pytest.raises(NotFound):
            consistency(records.ledger, size)


def test_a_head_of_another_history_is_not_continued(tmp_path: Path) -> None:
    _, records = grown(20)
    _, others = grown(20)
    made = dict(consistency(records.ledger, 4))
    path = made["path"]
    assert isinstance(path, list)
    other = consistency(others.ledger, 4)
    for wrong in (
        {"first": other["first"]},
        {"second": other["second"]},
        {"first": made["second"], "second": made["first"]},
        {"path": path[1:]},
        {"path": [*path, "00" * 32]},
        {"path": []},
    ):
        assert vitrail_verify.check_consistency(shown(tmp_path, made | wrong), "", "")
    heads = tmp_path / "heads.jsonl"
    heads.write_text("".join(f"{head_line(each)}\n" for each in others.ledger.checkpoints()), "utf-8")
    said = vitrail_verify.check_consistency(shown(tmp_path, made), "", str(heads))
    assert said == ["the head at 4 is not the one that the witness kept"]


# The tree of the tests of certificate-transparency (RFC 6962): leaves, and the proofs between its sizes.
_TREE = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
_BETWEEN = {
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}


@pytest.mark.parametrize("sizes", _BETWEEN)
def test_published_vectors_pass_through_store_proof_and_verifier(sizes: tuple[int, int], tmp_path: Path) -> None:
    records = MemoryLedger()
    ledger = Ledger(records, FakeClock(), KEY)
    for start, stop in ((0, sizes[0]), sizes):
        records.append([bytes.fromhex(leaf) for leaf in _TREE[start:stop]])
        ledger.checkpoint()
    made = consistency(records, sizes[0])
    assert made["path"] == _BETWEEN[sizes]
    assert vitrail_verify.check_consistency(shown(tmp_path, made), "", "") == []


def test_a_history_rewritten_with_the_key_is_found_by_the_witness(tmp_path: Path) -> None:
    """Root rewrites everything, signs it again, and is whole in itself. The witness kept other heads."""
    _, records = grown(20)
    heads = tmp_path / "heads.jsonl"
    heads.write_text("".join(f"{head_line(head)}\n" for head in records.ledger.checkpoints()), "utf-8")
    forged = MemoryRecords()
    ledger = Ledger(forged.ledger, FakeClock(), KEY)
    for number in range(20):
        ledger.note(Operation.CONSULT, Outcome.DONE, "somebody else", f"alert:{number}", "a test")
    ledger.checkpoint()
    path = tmp_path / "forged.jsonl"
    path.write_text("".join(f"{line}\n" for line in exported(forged.ledger, "town", ledger.public_key)), "utf-8")
    assert problems(path) == []
    assert "witness at 4: the entries before it are not what was signed" in problems(path, witness=str(heads))


def test_entries_cut_off_with_their_heads_are_found_by_the_witness(tmp_path: Path) -> None:
    _, records = grown(20)
    heads = tmp_path / "heads.jsonl"
    heads.write_text("".join(f"{head_line(head)}\n" for head in records.ledger.checkpoints()), "utf-8")
    assert problems(written(tmp_path, 10)) == []
    assert "witness at 20: only 10 entries are left" in problems(written(tmp_path, 10), witness=str(heads))


def test_the_product_itself_finds_what_a_witness_kept() -> None:
    same, records = grown(20)
    lines = "\n".join(head_line(head) for head in records.ledger.checkpoints())
    assert same.verify(kept=kept_heads(lines, same.public_key)).problems == ()
    del records.ledger.rows[10:]
    records.ledger.heads = [head for head in records.ledger.heads if head.size <= 10]
    shorter = Ledger(records.ledger, FakeClock(), KEY)
    assert shorter.verify().problems == ()
    assert any("missing" in p for p in shorter.verify(kept=kept_heads(lines, shorter.public_key)).problems)
    forged = Ledger(MemoryRecords().ledger, FakeClock(), KEY)
    for number in range(20):
        forged.note(Operation.CONSULT, Outcome.DONE, "somebody else", f"alert:{number}", "a test")
    assert "not what was signed" in forged.verify(kept=kept_heads(lines, forged.public_key)).problems[0]


@pytest.mark.parametrize("line", ["", "{", "[]", '{"size": 1}', '{"size": 1, "root": "zz"}'])
def test_a_line_that_is_no_head_is_told(line: str) -> None:
    with pytest.raises(Invalid, match="line 1"):
        kept_heads(line + "\n", b"")


@pytest.fixture
def told() -> list[tuple[str, str]]:
    return []


def test_each_witness_gets_each_head_once(told: list[tuple[str, str]]) -> None:
    ledger, records = grown(20)
    witnesses = Witnesses(["a", "b"], records.ledger, lambda name, line: told.append((name, line)))
    assert witnesses.sweep() == len(told)
    before = len(told)
    assert witnesses.sweep() == 0
    ledger.note(Operation.CONSULT, Outcome.DONE, "p", "alert:x", "a test")
    ledger.checkpoint()
    assert witnesses.sweep() == 2
    assert len(told) == before + 2


def test_a_witness_that_is_away_is_told_later_and_keeps_nobody_else_waiting(told: list[tuple[str, str]]) -> None:
    _, records = grown(5)
    away = True

    def carry(name: str, line: str) -> None:
        if name == "a" and away:
            raise Unavailable("away")
        told.append((name, line))

    witnesses = Witnesses(["a", "b"], records.ledger, carry)
    with pytest.raises(Unavailable):
        witnesses.sweep()
    assert {name for name, _ in told} == {"b"}
    away = False
    witnesses.sweep()
    assert {name for name, _ in told} == {"a", "b"}


def test_a_file_keeps_heads_line_by_line(tmp_path: Path) -> None:
    tell(str(tmp_path / "heads.jsonl"), "one")
    tell(str(tmp_path / "heads.jsonl"), "two")
    assert (tmp_path / "heads.jsonl").read_text() == "one\ntwo\n"
    with pytest.raises(Unavailable, match="cannot be told"):
        tell(str(tmp_path / "nowhere" / "heads.jsonl"), "one")


def test_a_host_that_is_not_there_is_told_as_such() -> None:
    with pytest.raises(Unavailable, match="cannot be told"):
        tell("http://127.0.0.1:9/heads", "one")
