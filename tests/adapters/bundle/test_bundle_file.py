"""A bundle as it leaves: real films, a real report, and a verifier that names whatever anybody touches."""

import hashlib
import io
import json
import random
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import av
import c2pa
import pytest

from tests.adapters.bundle.court import Authority, Court, verify
from tests.guard.world import KEY
from vitrail.adapters.bundle import container
from vitrail.adapters.bundle import vitrail_bundle_verify as verifier
from vitrail.domain.errors import Unavailable
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.time import SECOND_US

PUBLIC = KEY.public_key().public_bytes_raw().hex()


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    made = Court(tmp_path_factory.mktemp("court"))
    yield made
    made.live.close()


@pytest.fixture(scope="module")
def bundle(court: Court) -> Path:
    return court.bound()


def files(bundle: Path) -> dict[str, bytes]:
    box = zipfile.ZipFile(bundle)
    return {name: box.read(name) for name in box.namelist()}


def bound(place: Path, content: dict[str, bytes]) -> Path:
    out = place / "other.zip"
    container.bind(out, content, lambda _: None)
    return out


def resigned(content: dict[str, bytes]) -> dict[str, bytes]:
    """What somebody does who holds the site's key and changes the contents: every digest fits again."""
    contents = json.loads(content["contents.json"])
    for name, said in contents["files"].items():
        data = content[name]
        if hashlib.sha256(data).hexdigest() == said["sha256"]:
            continue
        pieces = [hashlib.sha256(data[i : i + 65536]).hexdigest() for i in range(0, len(data), 65536)]
        said |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "pieces": pieces[1:] and pieces}
    text = (json.dumps(contents, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    changed = content | {"contents.json": text}
    manifest = json.loads(content["manifest.json"])
    for name in manifest["files"]:
        data = changed[name]
        manifest["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "pieces": []}
    text = json.dumps(manifest).encode()
    signature = KEY.sign(b"vitrail bundle 1\n" + text).hex().encode()
    return changed | {"manifest.json": text, "manifest.sig": signature}


# whole


def test_a_fresh_bundle_is_proven_in_plain_words(bundle: Path) -> None:
    code, said = verify(bundle, "--key", PUBLIC)
    assert code == 0, said
    for words in ("whole, byte for byte", "signed by the site's key", "of the ledger says that ines took out exactly",
                  "1 original recordings: 1 are, byte for byte, the files that the recorder sealed"):  # fmt: skip
        assert words in said


def test_an_unpacked_bundle_is_proven_too(bundle: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(bundle).extractall(tmp_path / "open")
    assert verify(tmp_path / "open")[0] == 0


def test_every_film_opens_and_the_original_is_what_was_recorded(bundle: Path, court: Court) -> None:
    content = files(bundle)
    films = {name: data for name, data in content.items() if name.endswith(".mp4")}
    assert len(films) == 2
    for data in films.values():
        with av.open(io.BytesIO(data)) as film:
            assert not film.streams.audio and len(list(film.decode(film.streams.video[0])))
    (original,) = [data for name, data in films.items() if name.startswith("original/")]
    assert hashlib.sha256(original).hexdigest() == court.segment.sha256


def test_masked_copies_carry_content_credentials_that_hold(bundle: Path) -> None:
    (name,) = [name for name in files(bundle) if name.startswith("masked/")]
    data = files(bundle)[name]
    said = json.loads(c2pa.Reader("video/mp4", io.BytesIO(data)).json())
    assert said["validation_state"] == "Valid" and "people are masked" in json.dumps(said)
    broken = bytearray(data)
    broken[data.rindex(b"mdat") + 200] ^= 1
    assert json.loads(c2pa.Reader("video/mp4", io.BytesIO(bytes(broken))).json())["validation_state"] == "Invalid"


@pytest.mark.parametrize(("language", "words"), [("en", "Report of a case"), ("fr", "Rapport d'un dossier")])
def test_the_report_speaks_the_language_asked_for(court: Court, language: str, words: str) -> None:
    report = files(court.bound(originals=False, language=language))["report.pdf"]
    assert (report.startswith(b"%PDF-") and words.encode("utf-16-be") in report) or words.encode() in report


# layer by layer


@pytest.mark.parametrize(
    "name",
    ["report.pdf", "timeline.json", "contents.json", "custody.json", "manifest.json", "manifest.sig", "README.txt"],
)
def test_a_changed_file_is_named(bundle: Path, tmp_path: Path, name: str) -> None:
    content = files(bundle)
    data = bytearray(content[name])
    data[len(data) // 2] ^= 1
    code, said = verify(bound(tmp_path, content | {name: bytes(data)}))
    assert code == 1 and name in said


def test_a_changed_byte_of_a_film_is_named_to_64_kib(tmp_path: Path) -> None:
    court = Court(tmp_path / "long", seconds=60.0, width=1280)
    try:
        content = files(court.bound())
        name = next(n for n in content if n.startswith("original/"))
        assert len(content[name]) > (1 << 16) + 77
        data = bytearray(content[name])
        data[(1 << 16) + 77] ^= 4
        code, said = verify(bound(tmp_path, content | {name: bytes(data)}))
        assert code == 1 and f"{name}: was changed at bytes {1 << 16} to {min(len(data), 2 << 16) - 1}" in said
    finally:
        court.live.close()


def test_files_taken_out_or_put_in_are_named(bundle: Path, tmp_path: Path) -> None:
    content = files(bundle)
    without = {name: data for name, data in content.items() if name != "report.pdf"}
    assert "report.pdf: is missing" in verify(bound(tmp_path, without))[1]
    code, said = verify(bound(tmp_path, content | {"note.txt": b"he did it"}))
    assert code == 1 and "note.txt: was added" in said


def test_a_flipped_bit_anywhere_in_the_container_is_found(bundle: Path, tmp_path: Path) -> None:
    """Contents, headers, table of contents, end: sixty places, and the first and last bytes."""
    data, rng = bundle.read_bytes(), random.Random(20261123)
    places = [0, 5, 9, len(data) - 1, len(data) - 30, *(rng.randrange(len(data)) for _ in range(60))]
    for at in places:
        changed = bytearray(data)
        changed[at] ^= 1 << (at % 8)
        other = tmp_path / "flipped.zip"
        other.write_bytes(changed)
        try:
            problems, _ = verifier.check(str(other), "", "", "")
        except verifier.UNREADABLE:
            continue
        assert problems, f"byte {at}"


def test_what_is_put_behind_or_between_is_found(bundle: Path, tmp_path: Path) -> None:
    other = tmp_path / "longer.zip"
    other.write_bytes(bundle.read_bytes() + b"\0")
    code, said = verify(other)
    assert code != 0 and said


def test_another_key_does_not_pass_for_the_sites(bundle: Path) -> None:
    code, said = verify(bundle, "--key", "ab" * 32)
    assert code == 1 and "manifest.json" in said


def test_who_holds_the_key_and_changes_the_contents_is_betrayed_by_the_ledger(bundle: Path, tmp_path: Path) -> None:
    content = files(bundle)
    code, said = verify(bound(tmp_path, resigned(content | {"report.pdf": b"%PDF- another story"})))
    assert code == 1 and "the ledger does not name these contents" in said


def test_a_changed_deed_is_named(bundle: Path, tmp_path: Path) -> None:
    content = files(bundle)
    custody = json.loads(content["custody.json"])
    row = custody["entries"][0]
    row["payload"] = row["payload"].replace('"change"', '"consult"')
    code, said = verify(bound(tmp_path, resigned(content | {"custody.json": json.dumps(custody).encode()})))
    assert code == 1 and f"entry {row['index']} is not what stands in the ledger" in said


def test_a_house_whose_report_tells_another_story_than_its_ledger_is_named(
    court: Court, bundle: Path, tmp_path: Path
) -> None:
    """Sealed anew with the site's key, and written into its ledger: only the deeds themselves betray it."""
    content = files(bundle)
    timeline, custody = json.loads(content["timeline.json"]), json.loads(content["custody.json"])
    deed = timeline["deeds"][0]
    deed["actor"] = "otto"
    told = resigned(content | {"timeline.json": json.dumps(timeline).encode()})
    digest, ledger = hashlib.sha256(told["contents.json"]).hexdigest(), court.world.ledger
    entry = ledger.note(
        Operation.COMMUNICATE, Outcome.DONE, "ines", "bundle:x", "again", detail=f"contents sha256 {digest}"
    )
    head, proven = ledger.proven([*(d["index"] for d in timeline["deeds"]), entry])
    signed = {"size": head.size, "root": head.root.hex(), "at_us": head.at_us, "signature": head.signature.hex()}
    custody |= {"bundle_entry": entry, "head": signed, "entries": proven}
    code, said = verify(bound(tmp_path, resigned(told | {"custody.json": json.dumps(custody).encode()})))
    assert code == 1 and f"timeline.json: what it says of entry {deed['index']}" in said, said


def test_sealed_words_shown_wrongly_are_named(bundle: Path, tmp_path: Path) -> None:
    content = files(bundle)
    custody = json.loads(content["custody.json"])
    row = next(row for row in custody["entries"] if "opened" in row)
    row["opened"]["fields"]["actor"] = "otto"
    code, said = verify(bound(tmp_path, resigned(content | {"custody.json": json.dumps(custody).encode()})))
    assert code == 1 and f"entry {row['index']}" in said


def test_a_head_that_no_witness_kept_is_named(bundle: Path, tmp_path: Path) -> None:
    head = json.loads(files(bundle)["custody.json"])["head"]
    kept = tmp_path / "heads.jsonl"
    kept.write_text(json.dumps(head) + "\n", encoding="utf-8")
    assert verify(bundle, "--witness", str(kept))[0] == 0
    kept.write_text(json.dumps(head | {"root": "00" * 32}) + "\n", encoding="utf-8")
    code, said = verify(bundle, "--witness", str(kept))
    assert code == 1 and "witness" in said


# the clock


def test_a_manifest_dated_back_is_betrayed_by_the_ledgers_time(bundle: Path, tmp_path: Path) -> None:
    content = files(bundle)
    manifest = json.loads(content["manifest.json"])
    manifest["made"] = "2026-11-20T08:00:00.000Z"
    code, said = verify(bound(tmp_path, resigned(content | {"manifest.json": json.dumps(manifest).encode()})))
    assert code == 1 and "the clock: the manifest says 2026-11-20" in said


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    made = Authority(tmp_path_factory.mktemp("authority") / "ts")
    yield made
    made.close()


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Path:
    now_us = round(time.time()) * SECOND_US - 60 * SECOND_US
    court = Court(tmp_path_factory.mktemp("stamped"), authority=authority.address, now_us=now_us)
    try:
        return court.bound()
    finally:
        court.live.close()


def test_a_time_stamp_says_who_vouches_for_when(stamped: Path, authority: Authority) -> None:
    code, said = verify(stamped, "--authority", str(authority.certificate))
    assert code == 0 and "says the time-stamping authority CN=Test clock\n" in said, said
    assert "use --authority" in verify(stamped)[1]


def test_openssl_agrees(stamped: Path, authority: Authority, tmp_path: Path) -> None:
    zipfile.ZipFile(stamped).extractall(tmp_path)
    command = ["openssl", "ts", "-verify", "-data", "manifest.json", "-in", "manifest.tsr", "-CAfile"]
    done = subprocess.run([*command, str(authority.certificate)], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_authority_that_nobody_trusts_is_named(stamped: Path, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    other.close()
    code, said = verify(stamped, "--authority", str(other.certificate))
    assert code == 1 and "not the authority you trust" in said


def test_every_flipped_bit_that_matters_of_a_time_stamp_is_found(stamped: Path, tmp_path: Path) -> None:
    """What the authority signed, and its signature; certificates of nobody's use may differ."""
    content, rng = files(stamped), random.Random(7)
    token = content["manifest.tsr"]
    imprint = hashlib.sha256(content["manifest.json"]).digest()
    places = [token.index(imprint) + 3, len(token) - 5, *(len(token) - rng.randrange(1, 250) for _ in range(8))]
    for at in places:
        changed = bytearray(token)
        changed[at] ^= 1
        code, said = verify(bound(tmp_path, content | {"manifest.tsr": bytes(changed)}))
        assert code == 1 and "manifest.tsr" in said, at


def test_a_stamp_taken_from_another_bundle_is_named(stamped: Path, bundle: Path, tmp_path: Path) -> None:
    content = files(bundle) | {"manifest.tsr": files(stamped)["manifest.tsr"]}
    code, said = verify(bound(tmp_path, content))
    assert code == 1 and "not of this manifest" in said


def test_a_house_whose_clock_is_wrong_is_betrayed_by_the_authority(tmp_path: Path, authority: Authority) -> None:
    """Everything is signed anew and agrees with itself; only the stamp's time does not."""
    court = Court(tmp_path / "court", authority=authority.address)
    try:
        code, said = verify(court.bound())
    finally:
        court.live.close()
    assert code == 1 and "the clock: the bundle says 2026-11-23" in said


def test_an_authority_that_does_not_answer_loses_nothing(tmp_path: Path, authority: Authority) -> None:
    court = Court(tmp_path / "court", authority="http://127.0.0.1:9/")
    try:
        with pytest.raises(Unavailable) as told:
            court.bound()
        assert "try again later" in told.value.remedy
        (asked,) = (x for x in court.world.records.bundles.of(None) if x.id != "bundle-1")
        court.press._authority = ""
        case = court.world.records.cases.get(asked.case_id)
        assert verify(court.look("ines", case).bundle(asked.id, lambda _: None))[0] == 0
    finally:
        court.live.close()
