"""Getting the demonstration's recording through apt. A packed package stands in for Debian's; apt is played."""

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from vitrail.adapters.demo import fetch_recording
from vitrail.adapters.demo.fetch import MEMBER
from vitrail.domain.errors import Corrupt, Unavailable

RECORDING = b"RIFF, a small stand-in"
SHA256 = hashlib.sha256(RECORDING).hexdigest()

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="no dpkg-deb here: packages cannot be packed")


class PlayedApt:
    """Answers as apt does: lists known or not, network there or not."""

    def __init__(self, package: Path, *, lists: bool = True, offline: bool = False) -> None:
        self.package = package
        self.lists = lists
        self.offline = offline
        self.asked: list[str] = []

    def __call__(self, command: Sequence[str], folder: Path, timeout_s: float) -> str:
        assert timeout_s > 0
        verb = next(word for word in command if word in {"policy", "update", "download"})
        self.asked.append(verb)
        if verb == "policy":
            return "opencv-doc:\n  Candidate: 4.6.0\n" if self.lists else ""
        if self.offline:
            raise Unavailable("apt-get failed: Temporary failure resolving")
        if verb == "download":
            shutil.copy(self.package, folder / "opencv-doc_4.6.0_all.deb")
        return ""


def _pack(folder: Path, member: str, data: bytes) -> Path:
    tree = folder / "tree"
    (tree / member).parent.mkdir(parents=True)
    (tree / member).write_bytes(data)
    (tree / "usr/share/doc/other.txt").write_text("not wanted", encoding="utf-8")
    (tree / "DEBIAN").mkdir()
    control = "Package: opencv-doc\nVersion: 4.6.0\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n"
    (tree / "DEBIAN" / "control").write_text(control, encoding="utf-8")
    packed = folder / "packed.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", str(tree), str(packed)], check=True, capture_output=True)
    return packed


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return _pack(tmp_path / "pack", MEMBER, RECORDING)


def test_only_the_recording_leaves_the_package(tmp_path: Path, package: Path) -> None:
    said: list[str] = []
    kept = fetch_recording(tmp_path / "cache", said.append, PlayedApt(package), SHA256)
    assert kept.read_bytes() == RECORDING
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["vtest.avi"]
    assert any("downloading" in line for line in said)


def test_lists_are_fetched_only_when_they_are_missing(tmp_path: Path, package: Path) -> None:
    known, missing = PlayedApt(package), PlayedApt(package, lists=False)
    fetch_recording(tmp_path / "a", lambda line: None, known, SHA256)
    fetch_recording(tmp_path / "b", lambda line: None, missing, SHA256)
    assert known.asked == ["policy", "download"]
    assert missing.asked == ["policy", "update", "download"]


def test_a_recording_in_the_cache_is_not_fetched_again(tmp_path: Path, package: Path) -> None:
    apt = PlayedApt(package)
    fetch_recording(tmp_path / "cache", lambda line: None, apt, SHA256)
    apt.asked.clear()
    fetch_recording(tmp_path / "cache", lambda line: None, apt, SHA256)
    assert apt.asked == []


def test_a_damaged_recording_in_the_cache_is_fetched_again(tmp_path: Path, package: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "vtest.avi").write_bytes(b"cut sh")
    assert fetch_recording(tmp_path / "cache", lambda line: None, PlayedApt(package), SHA256).read_bytes() == RECORDING


def test_another_recording_of_the_same_name_is_refused_and_not_kept(tmp_path: Path) -> None:
    package = _pack(tmp_path / "pack", MEMBER, b"something else")
    with pytest.raises(Corrupt, match=hashlib.sha256(b"something else").hexdigest()):
        fetch_recording(tmp_path / "cache", lambda line: None, PlayedApt(package), SHA256)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_package_without_the_recording_is_told(tmp_path: Path) -> None:
    package = _pack(tmp_path / "pack", "usr/share/doc/opencv-doc/readme.avi", RECORDING)
    with pytest.raises(Unavailable, match="holds no"):
        fetch_recording(tmp_path / "cache", lambda line: None, PlayedApt(package), SHA256)


def test_a_package_cut_short_is_told(tmp_path: Path, package: Path) -> None:
    package.write_bytes(package.read_bytes()[:200])
    with pytest.raises((Corrupt, Unavailable)):
        fetch_recording(tmp_path / "cache", lambda line: None, PlayedApt(package), SHA256)
    assert list((tmp_path / "cache").iterdir()) == []


def test_no_network_is_told_and_leaves_nothing(tmp_path: Path, package: Path) -> None:
    with pytest.raises(Unavailable, match="resolving"):
        fetch_recording(tmp_path / "cache", lambda line: None, PlayedApt(package, offline=True), SHA256)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_machine_without_apt_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"apt-get, which is not here") as caught:
        fetch_recording(tmp_path / "cache", lambda line: None)
    assert "vitrail demo VIDEO" in caught.value.remedy


def test_a_real_apt_that_fails_is_told_with_its_own_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for tool in ("apt-get", "apt-cache", "dpkg-deb"):
        script = tmp_path / tool
        script.write_text("#!/bin/sh\necho 'E: Unable to locate package' >&2\nexit 100\n", encoding="utf-8")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(Unavailable, match="Unable to locate package"):
        fetch_recording(tmp_path / "cache", lambda line: None)
