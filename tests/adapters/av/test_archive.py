"""Recordings on disk: packets copied, fragments of a second, whole after a crash, honest on a full disk."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import pytest

from tests import builders as b
from tests.adapters.av.reel import opened, recorded
from tests.builders import NOW_US, square
from tests.media import made_video
from vitrail.adapters.av import AvFilm, DiskArchive
from vitrail.domain.errors import Invalid, NotFound, Unavailable
from vitrail.domain.time import SECOND_US, Interval

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def archive(tmp_path: Path) -> DiskArchive:
    return DiskArchive(tmp_path / "media")


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_video(tmp_path_factory.mktemp("made") / "yard.mp4", seconds=6)


def packets_of(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def boxes_of(path: Path) -> list[bytes]:
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        found.append(data[at + 4 : at + 8])
        at += int.from_bytes(data[at : at + 4], "big")
    return found


def test_the_cameras_own_packets_are_kept_unchanged(archive: DiskArchive, yard: Path) -> None:
    segment = recorded(archive, yard)
    assert packets_of(archive.path(segment)) == packets_of(yard)
    assert segment.sealed
    assert segment.sha256 == archive.digest(segment)
    assert segment.interval == Interval(NOW_US, NOW_US + 6 * SECOND_US)


def test_a_segment_is_fragmented_mp4_that_can_be_played_while_it_grows(archive: DiskArchive, yard: Path) -> None:
    boxes = boxes_of(archive.path(recorded(archive, yard)))
    assert boxes[:2] == [b"ftyp", b"moov"]
    assert boxes.count(b"moof") >= 3


def test_no_sound_is_kept(archive: DiskArchive, tmp_path: Path) -> None:
    segment = recorded(archive, made_video(tmp_path / "talk.mp4", sound=True))
    with av.open(str(archive.path(segment))) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_dwellings_are_burned_into_what_is_kept(archive: DiskArchive, yard: Path) -> None:
    masks = [square(0.0, 0.0, 0.5, 0.5)]
    segment = recorded(archive, yard, masks)
    frames = list(AvFilm(archive.path).frames([segment], segment.interval))
    assert len(frames) == 60
    assert all(int(frame.picture.y[:110, :150].max()) <= 24 for frame in frames)


def test_the_time_to_keep_runs_from_the_first_picture(archive: DiskArchive, yard: Path) -> None:
    assert recorded(archive, yard).erase_after_us == NOW_US + b.permit().retention_us


def test_files_are_readable_by_this_account_only(archive: DiskArchive, yard: Path) -> None:
    assert archive.path(recorded(archive, yard)).stat().st_mode & 0o077 == 0


def test_a_codec_that_mp4_cannot_hold_is_said(archive: DiskArchive, tmp_path: Path) -> None:
    old = made_video(tmp_path / "old.avi", codec="msmpeg4")
    with opened(old) as source:
        first = next(source.packets())
        with pytest.raises(Invalid, match="cannot be kept in MP4"):
            archive.begin(b.permit(), source, source.facts, (), first)
    assert not list((archive._root / "segments").rglob("*.mp4"))


def test_erasing_takes_the_file_and_its_empty_folders(archive: DiskArchive, yard: Path) -> None:
    segment = recorded(archive, yard)
    archive.erase(segment)
    archive.erase(segment)
    assert not archive.path(segment).parent.exists()
    with pytest.raises(NotFound):
        archive.digest(segment)


def test_files_that_no_row_names_are_found(archive: DiskArchive, yard: Path) -> None:
    known, lost = recorded(archive, yard), recorded(archive, yard)
    assert archive.orphans(frozenset({known.path})) == [lost.path]


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "clips/x.mp4", "segments/../../x"])
def test_no_row_leads_out_of_the_archive(archive: DiskArchive, path: str) -> None:
    with pytest.raises(NotFound, match="leads out"):
        archive.path(b.segment(path=path))


@pytest.mark.parametrize("cut", [1, 700, 2_000, 5_000])
def test_what_a_crash_leaves_is_cut_back_to_its_last_whole_fragment(archive: DiskArchive, yard: Path, cut: int) -> None:
    whole = recorded(archive, yard)
    path = archive.path(whole)
    path.write_bytes(path.read_bytes()[:-cut])
    left = archive.mend(replace(whole, sealed=False, sha256=""))
    assert left.sealed
    assert left.sha256 == archive.digest(left)
    assert left.size_bytes == path.stat().st_size
    lost_us = whole.interval.end_us - left.interval.end_us
    assert 0 <= lost_us <= 6 * SECOND_US
    frames = list(AvFilm(archive.path).frames([left], left.interval))
    assert len(frames) == pytest.approx(left.interval.length_us / SECOND_US * 10, abs=1)


def test_a_file_without_any_whole_fragment_is_nothing(archive: DiskArchive, yard: Path) -> None:
    whole = recorded(archive, yard)
    path = archive.path(whole)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(NotFound):
        archive.mend(whole)


_KILLED = """
import sys, time
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from tests import builders as b
from tests.adapters.av.reel import opened
from vitrail.adapters.av import DiskArchive
from vitrail.adapters.clock import SystemClock

archive = DiskArchive(Path(sys.argv[2]))
with opened(sys.argv[1], start_us=None, clock=SystemClock()) as source:
    writer = None
    for packet in source.packets():
        writer = writer or archive.begin(b.permit(), source, source.facts, (), packet)
        writer.write(packet)
        print(packet.media_us, writer.segment.path, flush=True)
"""


def test_a_killed_process_loses_two_seconds_at_most(tmp_path: Path) -> None:
    video = made_video(tmp_path / "long.mp4", seconds=30)
    command = [sys.executable, "-c", _KILLED, str(video), str(tmp_path / "media"), str(ROOT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            at_us, path = line.split()
            if int(at_us) >= 4.6 * SECOND_US:
                os.kill(process.pid, signal.SIGKILL)
                break
    left = DiskArchive(tmp_path / "media").mend(b.segment(path=path, sealed=False))
    assert 4.6 * SECOND_US - left.interval.length_us <= 2 * SECOND_US


_FULL = """
import resource, signal, sys
sys.path.insert(0, sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
from pathlib import Path
from tests import builders as b
from tests.adapters.av.reel import opened
from vitrail.adapters.av import AvFilm, DiskArchive
from vitrail.domain.errors import Unavailable

archive = DiskArchive(Path(sys.argv[2]))
kept = refused = 0
with opened(sys.argv[1]) as source:
    writer = None
    for packet in source.packets():
        try:
            writer = writer or archive.begin(b.permit(), source, source.facts, (), packet)
            writer.write(packet)
            kept += 1
        except Unavailable as error:
            refused += 1
            words = str(error)
            break
segment = writer.seal()
frames = len(list(AvFilm(archive.path).frames([segment], segment.interval)))
print(refused, frames, segment.sha256 == archive.digest(segment), "File too large" in words)
"""


def test_on_a_full_disk_the_segment_so_far_stays_readable(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: the kernel refuses the write in the same way."""
    video = made_video(tmp_path / "long.mp4", seconds=20)
    limit = str(video.stat().st_size // 2)
    command = [sys.executable, "-c", _FULL, str(video), str(tmp_path / "media"), str(ROOT), limit]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    refused, frames, digest_right, said_why = done.stdout.split()
    assert (refused, digest_right, said_why) == ("1", "True", "True")
    assert 20 <= int(frames) < 200


def test_nothing_can_be_begun_where_nothing_can_be_written(tmp_path: Path, yard: Path) -> None:
    archive = DiskArchive(tmp_path / "media")
    (tmp_path / "media" / "segments" / "gate").write_text("a file where a folder should be")
    with opened(yard) as source, pytest.raises(Unavailable, match="cannot be written"):
        archive.begin(b.permit(), source, source.facts, (), next(source.packets()))


def test_clips_go_when_their_date_says_so(archive: DiskArchive) -> None:
    for name, date_s in (("old", 100), ("new", 300)):
        archive.clip_path(name).write_bytes(b"masked")
        os.utime(archive.clip_path(name), (date_s, date_s))
    assert archive.erase_clips(200 * SECOND_US) == 1
    assert archive.clip_path("new").exists()


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden"])
def test_a_clip_is_named_plainly(archive: DiskArchive, name: str) -> None:
    with pytest.raises(Invalid):
        archive.clip_path(name)
