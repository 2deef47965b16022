"""What anybody may ask the ledger: its signed head, and that it continues an older one."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vitrail.adapters.clock import SystemClock
from vitrail.adapters.keyfile import signing_key
from vitrail.adapters.publishing import vitrail_verify
from vitrail.adapters.sqlite import open_database
from vitrail.cli.app import app
from vitrail.cli.exits import EXIT_CODES, exit_code
from vitrail.domain import errors
from vitrail.domain.ledger import Operation, Outcome
from vitrail.guard.ledger import Ledger


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["ledger", *words])


@pytest.fixture
def state(tmp_path: Path) -> Path:
    with open_database(tmp_path) as records:
        ledger = Ledger(records.ledger, SystemClock(), signing_key(tmp_path))
        for size in (3, 8):
            for _ in range(ledger.size, size):
                ledger.note(Operation.CONSULT, Outcome.DONE, "marie", "account:paul", "looking after paul")
            ledger.checkpoint()
    return tmp_path


def code(result: Result) -> int:
    return result.exit_code if not isinstance(result.exception, errors.VitrailError) else exit_code(result.exception)


def test_the_head_is_one_line_that_a_witness_can_keep(state: Path, tmp_path: Path) -> None:
    result = run("head", "--state", str(state))
    assert result.exit_code == 0, result.output
    head = json.loads(result.stdout)
    assert head["size"] == 8
    assert vitrail_verify.rightly_signed(head, head["public_key"])
    kept = tmp_path / "kept.jsonl"
    kept.write_text(result.stdout, encoding="utf-8")
    assert run("verify", "--state", str(state), "--witness", str(kept)).exit_code == 0


def test_the_proof_that_it_continues_an_older_head_holds_outside(state: Path, tmp_path: Path) -> None:
    result = run("consistency", "3", "--state", str(state))
    assert result.exit_code == 0, result.output
    proof = tmp_path / "proof.json"
    proof.write_text(result.stdout, encoding="utf-8")
    assert vitrail_verify.check_consistency(str(proof), "", "") == []


def test_what_anybody_may_see_names_nobody(state: Path) -> None:
    for words in (("head",), ("consistency", "3")):
        said = run(*words, "--state", str(state)).output
        assert "marie" not in said and "paul" not in said and "payload" not in said


def test_a_size_that_was_never_signed_has_no_proof(state: Path, tmp_path: Path) -> None:
    assert code(run("consistency", "4", "--state", str(state))) == EXIT_CODES[errors.NotFound]
    assert code(run("consistency", "3", "--state", str(tmp_path / "nowhere"))) == EXIT_CODES[errors.NotFound]
    assert code(run("head", "--state", str(tmp_path / "nowhere"))) == EXIT_CODES[errors.NotFound]
