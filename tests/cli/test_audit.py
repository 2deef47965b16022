"""The audit archive: taken by whoever may, checked in a clean environment, every flipped byte found and named."""

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests import builders as b
from vitrail import compose
from vitrail.adapters.publishing.vitrail_audit_verify import check
from vitrail.cli.app import app
from vitrail.domain.errors import Refused
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Role

ENVIRON = {"CAM_USER": "a", "CAM_PASSWORD": "b"}
PASSWORD = "correct horse battery"
HELD = {
    "README.txt", "manifest.json", "manifest.sig", "ledger.jsonl", "configuration.json", "profile.json",
    "mandates.json", "analytics.json", "models.json", "accounts.json", "retention.json", "figures.json", "followup.csv",
    "schema/ledger.sql", "schema/vitrail.sql", "sources.json", "packages.json", "absence.json", "oversight.json",
    "orders.jsonl", "register/index.en.html", "register/index.fr.html", "register/register.json",
    "vitrail_verify.py", "vitrail_audit_verify.py", "witness/1.jsonl",
}  # fmt: skip


def run(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200", **ENVIRON}).invoke(app, list(words))


def export(site: Path, who: str, out: Path) -> Result:
    said = ["--as", who, "--password", PASSWORD, "--reason", "the yearly audit"]
    return run("audit", "export", str(out), "--site", str(site), *said)


def verified(archive: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """In a clean environment: isolated, without this repository or the product on the path."""
    script = archive.parent / "alone" / "verifier.py"
    script.parent.mkdir(exist_ok=True)
    script.write_text(compose.audit_verifier(), encoding="utf-8")
    blind = "import sys; sys.modules['vitrail'] = None; import runpy; sys.argv = sys.argv[1:]; "
    command = [sys.executable, "-I", "-c", blind + "runpy.run_path(sys.argv[0], run_name='__main__')"]
    words = [*command, str(script), str(archive), *options]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, cwd=script.parent, env={})


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with one account of each role and a witness; analysis is suspended and no mandate is left."""
    folder = tmp_path_factory.mktemp("audited")
    site = folder / "town"
    assert run("init", str(site)).exit_code == 0
    text = (site / "site.yaml").read_text(encoding="utf-8").replace('reviewed_by: ""', "reviewed_by: A. Surveyor")
    (site / "site.yaml").write_text(f"{text}\nwitnesses: [{folder / 'heads.jsonl'}]\n", encoding="utf-8")
    for mandate in (site / "mandates").glob("*.yaml"):
        mandate.unlink()
    with compose.reading(site, site / ".vitrail", ENVIRON) as desks:
        made = desks.accounts.first_run(desks.site)
        assert made
        for role in Role:
            account = b.account(id=role.value, name=role.value, role=role, trained_until_us=2**60)
            desks.accounts.add(account, PASSWORD, by="first", reason="tests")
        desks.suspensions.suspend(desks.accounts.get("officer"), "the council asked")
        head = desks.ledger.checkpoint()
        kept = {"size": head.size, "root": head.root.hex(), "at_us": head.at_us, "signature": head.signature.hex()}
        (folder / "heads.jsonl").write_text(json.dumps(kept) + "\n", encoding="utf-8")
    return site


@pytest.fixture(scope="module")
def archive(town: Path) -> Path:
    out = town.parent / "audit.zip"
    done = export(town, "auditor", out)
    assert done.exit_code == 0, (done.output, done.exception)
    return out


def files(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(out: Path, held: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(out, "w") as made:
        for name, content in held.items():
            made.writestr(name, content)
    return out


def flipped(content: bytes, at: int, bit: int = 1) -> bytes:
    return content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :]


def test_it_holds_what_the_readme_says_and_what_the_law_asks_for(archive: Path) -> None:
    held = files(archive)
    assert set(held) >= HELD
    readme = held["README.txt"].decode()
    for name in set(held) - {"README.txt"}:
        assert readme.count(name.partition("/")[0]) >= 2, f"{name} is not told in both languages"
    assert "COMMENT LA VÉRIFIER" in readme and "HOW TO CHECK IT" in readme


def test_a_clean_environment_validates_it(archive: Path) -> None:
    key = json.loads(files(archive)["manifest.json"])["public_key"]
    done = verified(archive, "--key", key)
    assert done.returncode == 0, done.stderr
    assert "whole, none added" in done.stdout and "1 heads of a witness" in done.stdout
    assert "only the archive itself vouches" not in done.stdout


def test_unpacked_it_validates_too_and_says_whose_word_that_is(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "unpacked")
    done = verified(tmp_path / "unpacked")
    assert done.returncode == 0, done.stderr
    assert "only the archive itself vouches" in done.stdout


def test_the_verifier_inside_is_the_one_that_is_printed(archive: Path) -> None:
    inside = files(archive)["vitrail_audit_verify.py"].decode()
    assert run("audit", "verifier").output == inside == compose.audit_verifier()
    assert not re.search(r"^\s*(from|import) vitrail", inside, re.MULTILINE)


def test_one_flipped_byte_anywhere_is_named(archive: Path, tmp_path: Path) -> None:
    """In the clean environment once, then each file at its beginning, middle and end."""
    held = files(archive)
    changed = zipped(tmp_path / "once.zip", held | {"profile.json": flipped(held["profile.json"], 7)})
    done = verified(changed)
    assert (done.returncode, done.stderr) == (1, "wrong: profile.json: was changed\n")
    for name, content in held.items():
        for at in {0, len(content) // 2, len(content) - 1}:
            for bit in (1, 32):
                problems = check(str(zipped(tmp_path / "x.zip", held | {name: flipped(content, at, bit)})), "", "")
                assert problems and name in problems[0], (name, at, problems)


def test_a_byte_flipped_in_the_packed_file_is_found_or_changes_nothing(archive: Path, tmp_path: Path) -> None:
    """Whatever the verifier lets pass unpacks to exactly the same files."""
    packed, held = archive.read_bytes(), files(archive)
    for at in range(0, len(packed), max(1, len(packed) // 60)):
        (tmp_path / "x.zip").write_bytes(flipped(packed, at))
        try:
            problems = check(str(tmp_path / "x.zip"), "", "")
        except (zipfile.BadZipFile, ValueError, OSError, RuntimeError):
            continue
        assert problems or files(tmp_path / "x.zip") == held, at


def test_a_bit_that_calls_a_file_encrypted_is_told_as_damage(archive: Path, tmp_path: Path) -> None:
    packed = archive.read_bytes()
    for at in (m.start() + 8 for m in re.finditer(b"PK\\x01\\x02", packed)):
        (tmp_path / "x.zip").write_bytes(flipped(packed, at))
        assert check(str(tmp_path / "x.zip"), "", "")


def test_a_file_taken_out_put_in_or_there_twice_is_named(archive: Path, tmp_path: Path) -> None:
    held = files(archive)
    less = {name: content for name, content in held.items() if name != "accounts.json"}
    assert check(str(zipped(tmp_path / "less.zip", less)), "", "") == ["accounts.json: is missing"]
    more = held | {"register/extra.html": b"<p>trust me"}
    assert check(str(zipped(tmp_path / "more.zip", more)), "", "") == ["register/extra.html: was added"]
    twice = zipped(tmp_path / "twice.zip", held)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(twice, "a") as opened:
        opened.writestr("figures.json", b"[]")
    assert check(str(twice), "", "")[0] == "figures.json: is there 2 times"
    unsigned = {name: content for name, content in held.items() if name != "manifest.sig"}
    assert check(str(zipped(tmp_path / "unsigned.zip", unsigned)), "", "") == ["manifest.sig: is missing"]


def test_somebody_elses_signature_is_not_taken(archive: Path) -> None:
    done = verified(archive, "--key", "11" * 32)
    assert done.returncode == 1 and "signed by another key" in done.stderr


def test_what_is_no_archive_is_not_readable(tmp_path: Path) -> None:
    (tmp_path / "notes.zip").write_bytes(b"these are words")
    assert verified(tmp_path / "notes.zip").returncode == 2


def test_no_password_no_session_and_no_name_is_in_it_outside_the_ledger(archive: Path, town: Path) -> None:
    with compose.reading(town, town / ".vitrail", ENVIRON) as desks:
        hashes = [account.password_hash for account in desks.records.accounts.every()]
    for name, content in files(archive).items():
        assert not [each for each in hashes if each.encode() in content], name
        assert b"$argon2id$" not in content, name
    accounts = json.loads(files(archive)["accounts.json"])
    assert accounts == {role.value: {"active": 1 + (role is Role.ADMINISTRATOR)} for role in Role}
    assert "session" not in json.loads(files(archive)["retention.json"])["tables"]


def test_the_schema_explains_itself(archive: Path) -> None:
    text = files(archive)["schema/vitrail.sql"].decode()
    assert "CREATE TABLE alert" in text and "-- " in text
    assert "entry_never_goes" in files(archive)["schema/ledger.sql"].decode()


def test_the_proof_of_absence_is_in_it(archive: Path) -> None:
    said = json.loads(files(archive)["absence.json"])
    assert [hit for hit in said["found"] if hit["line"] != "L33"] == []
    assert {"entry", "alert"} <= set(said["looked_through"]["tables"])
    sources = json.loads(files(archive)["sources.json"])
    assert re.fullmatch(r"[0-9a-f]{64}", sources["vitrail/guard/red_lines.py"])
    packages = {each["name"]: each for each in json.loads(files(archive)["packages.json"])}
    assert packages["cryptography"]["version"] == version("cryptography")
    assert "Apache-2.0" in packages["cryptography"]["licence"]


def test_taking_it_is_written_down_before_and_after(archive: Path, town: Path) -> None:
    with compose.reading(town, town / ".vitrail", ENVIRON) as desks:
        told = [
            (e.entry.actor, e.entry.outcome.value) for e in desks.ledger.entries(0, 200) if e.entry.target == "audit"
        ]
    assert told[:2] == [("auditor", "opened"), ("auditor", "done")]
    lines = [json.loads(line) for line in io.BytesIO(files(archive)["ledger.jsonl"])]
    assert any('"target":"audit"' in line.get("payload", "") for line in lines)


@pytest.mark.parametrize("who", ["operator", "investigator", "technician"])
def test_other_roles_get_nothing(who: str, town: Path, tmp_path: Path) -> None:
    done = export(town, who, tmp_path / "audit.zip")
    assert isinstance(done.exception, Refused)
    assert not (tmp_path / "audit.zip").exists()


def test_an_administrator_cannot_block_an_auditor(town: Path, tmp_path: Path) -> None:
    shutil.copytree(town, tmp_path / "town")
    site = tmp_path / "town"
    with compose.reading(site, site / ".vitrail", ENVIRON) as desks:
        with pytest.raises(Refused) as caught:
            desks.accounts.revoke("auditor", by="administrator", reason="asks too much")
        assert caught.value.rule == "L32"
    assert export(site, "auditor", tmp_path / "audit.zip").exit_code == 0
    with compose.reading(site, site / ".vitrail", ENVIRON) as desks:
        desks.accounts.revoke("auditor", by="officer", reason="has left the service")
    assert isinstance(export(site, "auditor", tmp_path / "again.zip").exception, Refused)


def test_a_place_that_cannot_be_written_is_said_and_leaves_nothing(town: Path, tmp_path: Path) -> None:
    done = export(town, "officer", tmp_path / "nowhere" / "audit.zip")
    assert type(done.exception).__name__ == "Unavailable"
    assert list(tmp_path.iterdir()) == []


def followed(site: Path, who: str, *more: str) -> Result:
    said = ["--as", who, "--password", PASSWORD, "--reason", "the monthly report"]
    return run("followup", "--site", str(site), *said, *more)


def test_the_follow_up_register_is_printed_and_written_for_those_who_account(town: Path, tmp_path: Path) -> None:
    site = tmp_path / "town"
    shutil.copytree(town, site)
    with compose.reading(site, site / ".vitrail", ENVIRON) as desks:
        said = "presence at camera entrance"
        desks.ledger.note(Operation.COLLECT, Outcome.DONE, "vitrail", "alert:a1", "presence 1.0.0", detail=said)
    printed = followed(site, "officer").output
    assert "nobody" in printed and "1 alerts: 0 confirmed, 0 dismissed, 1 open" in printed
    assert followed(site, "auditor", "--csv", str(tmp_path / "f.csv")).exit_code == 0
    rows = (tmp_path / "f.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2 and rows[1].startswith("a1,entrance,presence,")
    assert "0 alerts" in followed(site, "auditor", "--since", "2999-01-01").output
    with compose.reading(site, site / ".vitrail", ENVIRON) as desks:
        entries = [stored.entry for stored in desks.ledger.entries(0, desks.ledger.size)]
    told = [(e.actor, e.operation.value, e.outcome.value) for e in entries if e.target == "followup"]
    assert told[:2] == [("officer", "consult", "opened"), ("officer", "consult", "done")]
    assert told[2:4] == [("auditor", "communicate", "opened"), ("auditor", "communicate", "done")]
    assert isinstance(followed(site, "operator").exception, Refused)
