"""Recordings made into what a camera would have sent."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import PictureType, VideoFrame

from vitrail.adapters.demo import as_camera
from vitrail.adapters.demo.camera import KEY_INTERVAL_S
from vitrail.domain.errors import Unavailable


def film(path: Path, codec: str, *, seconds: int, key_s: float, size: tuple[int, int] = (64, 48)) -> Path:
    """A moving ramp at 10 frames a second with a key frame every ``key_s`` seconds, and a sound track."""
    noise = np.random.default_rng(7)
    with av.open(str(path), "w") as target:
        stream = target.add_stream(codec, rate=10)
        sound = target.add_stream("mp3" if path.suffix == ".avi" else "aac", rate=44_100)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = 600
        stream.options = {"forced-idr": "1", "x264-params": "scenecut=0"} if codec == "libx264" else {}
        for index in range(seconds * 10):
            grey = np.full((size[1], size[0]), index % 200 + 20, np.uint8)
            grey[:8] = noise.integers(0, 255, (8, size[0]))
            frame = VideoFrame.from_ndarray(np.stack([grey] * 3, axis=2), format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            frame.pict_type = PictureType.I if index % round(key_s * 10) == 0 else PictureType.NONE
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
        silence = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        silence.sample_rate, silence.pts = 44_100, 0
        target.mux(sound.encode(silence))
        target.mux(sound.encode(None))
    return path


def times(path: Path) -> list[float]:
    with av.open(str(path)) as source:
        return [round(frame.time or 0.0, 3) for frame in source.decode(video=0)]


def key_times(path: Path) -> list[float]:
    with av.open(str(path)) as source:
        packets = [packet for packet in source.demux(video=0) if packet.pts is not None]
        return [float(packet.pts * packet.time_base) for packet in packets if packet.is_keyframe]  # type: ignore[operator]


def test_an_old_recording_becomes_what_a_camera_sends(tmp_path: Path) -> None:
    old = film(tmp_path / "old.avi", "mpeg4", seconds=7, key_s=100)
    shares: list[float] = []
    made = as_camera(old, tmp_path / "cache", shares.append)
    with av.open(str(made)) as source:
        stream = source.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height) == (64, 48)
        assert not source.streams.audio
    assert times(made) == times(old)
    assert key_times(made) == [0, KEY_INTERVAL_S, 2 * KEY_INTERVAL_S, 3 * KEY_INTERVAL_S]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_pictures_keep_their_content(tmp_path: Path) -> None:
    old = film(tmp_path / "old.avi", "mpeg4", seconds=2, key_s=100)
    made = as_camera(old, tmp_path / "cache", lambda share: None)
    with av.open(str(old)) as before, av.open(str(made)) as after:
        pairs = zip(before.decode(video=0), after.decode(video=0), strict=True)
        errors = [
            np.abs(a.to_ndarray(format="gray")[8:].astype(int) - b.to_ndarray(format="gray")[8:]) for a, b in pairs
        ]
    assert np.mean(errors) < 3


def test_frames_come_in_the_order_they_are_shown(tmp_path: Path) -> None:
    made = as_camera(film(tmp_path / "old.avi", "mpeg4", seconds=3, key_s=100), tmp_path / "cache", lambda share: None)
    with av.open(str(made)) as source:
        packets = [packet for packet in source.demux(video=0) if packet.pts is not None]
    assert all(packet.pts == packet.dts for packet in packets)


def test_it_is_made_only_once(tmp_path: Path) -> None:
    old = film(tmp_path / "old.avi", "mpeg4", seconds=2, key_s=100)
    made = as_camera(old, tmp_path / "cache", lambda share: None)
    shares: list[float] = []
    assert as_camera(old, tmp_path / "cache", shares.append) == made
    assert shares == []
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [made.name]


def test_two_recordings_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    first = film(tmp_path / "old.avi", "mpeg4", seconds=2, key_s=100)
    second = film(tmp_path / "b" / "old.avi", "mpeg4", seconds=3, key_s=100)
    cache = tmp_path / "cache"
    assert as_camera(first, cache, lambda share: None) != as_camera(second, cache, lambda share: None)


def test_h264_with_rare_key_frames_is_prepared_too(tmp_path: Path) -> None:
    rare = film(tmp_path / "rare.mp4", "libx264", seconds=13, key_s=12)
    made = as_camera(rare, tmp_path / "cache", lambda share: None)
    assert made != rare
    assert max(np.diff(key_times(made))) <= KEY_INTERVAL_S


@pytest.mark.parametrize("key_s", [1, 5, 10])
def test_what_a_camera_could_have_sent_is_used_as_it_is(tmp_path: Path, key_s: float) -> None:
    good = film(tmp_path / "good.mp4", "libx264", seconds=12, key_s=key_s)
    assert as_camera(good, tmp_path / "cache", lambda share: None) == good
    assert not (tmp_path / "cache").exists()


def test_an_odd_size_loses_at_most_one_row(tmp_path: Path) -> None:
    odd = film(tmp_path / "odd.avi", "mpeg4", seconds=1, key_s=1, size=(65, 47))
    with av.open(str(as_camera(odd, tmp_path / "cache", lambda share: None))) as source:
        assert (source.streams.video[0].width, source.streams.video[0].height) == (64, 46)


@pytest.mark.parametrize("data", [b"", b"no film at all" * 100], ids=["zero bytes", "not a video"])
def test_what_is_no_video_is_left_to_whoever_opens_it(tmp_path: Path, data: bytes) -> None:
    junk = tmp_path / "junk.avi"
    junk.write_bytes(data)
    assert as_camera(junk, tmp_path / "cache", lambda share: None) == junk


def test_a_missing_file_is_left_to_whoever_opens_it(tmp_path: Path) -> None:
    assert as_camera(tmp_path / "gone.avi", tmp_path / "cache", lambda share: None) == tmp_path / "gone.avi"


def test_a_truncated_recording_is_prepared_as_far_as_it_goes(tmp_path: Path) -> None:
    old = film(tmp_path / "old.ts", "mpeg2video", seconds=6, key_s=1)
    old.write_bytes(old.read_bytes()[: old.stat().st_size // 2])
    made = as_camera(old, tmp_path / "cache", lambda share: None)
    assert 10 < len(times(made)) < 60


def test_damage_in_the_middle_costs_only_what_is_damaged(tmp_path: Path) -> None:
    old = film(tmp_path / "old.avi", "mpeg4", seconds=6, key_s=1)
    data = bytearray(old.read_bytes())
    for start in range(len(data) // 3, len(data) // 2, 97):
        data[start : start + 9] = b"\xff" * 9
    old.write_bytes(data)
    made = as_camera(old, tmp_path / "cache", lambda share: None)
    assert times(made)[-1] > 5


def test_a_cache_that_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    old = film(tmp_path / "old.avi", "mpeg4", seconds=1, key_s=100)
    (tmp_path / "cache").write_text("a file where a folder should be", encoding="utf-8")
    with pytest.raises(Unavailable, match=r"old\.avi could not be prepared"):
        as_camera(old, tmp_path / "cache", lambda share: None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "old.avi"]
