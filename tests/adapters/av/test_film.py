"""Reading recordings back over segments, writing masked copies."""

from io import BytesIO
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from av.packet import Packet

from tests import builders as b
from tests.adapters.av.reel import opened, recorded
from tests.builders import NOW_US
from tests.media import made_video
from vitrail.adapters.av import AvFilm, DiskArchive
from vitrail.adapters.av.alone import KeyDecoders
from vitrail.adapters.av.seeking import key_packets
from vitrail.adapters.av.seeking import opened as open_keys
from vitrail.adapters.av.track import AvPacket, TrackFollower
from vitrail.domain.frames import Picture
from vitrail.domain.recordings import Segment
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.shrinking import shrunk


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> DiskArchive:
    return DiskArchive(tmp_path_factory.mktemp("film") / "media")


@pytest.fixture(scope="module")
def segments(archive: DiskArchive, tmp_path_factory: pytest.TempPathFactory) -> list[Segment]:
    """Six seconds in two segments, as the recorder cuts them: at a key packet."""
    video = made_video(tmp_path_factory.mktemp("made") / "yard.mp4", seconds=6)
    found = []
    with opened(video) as source:
        writer = None
        for packet in source.packets():
            if packet.media_us == 3 * SECOND_US:
                assert writer is not None
                found.append(writer.seal())
                writer = None
            writer = writer or archive.begin(b.permit(), source, source.facts, (), packet)
            writer.write(packet)
        assert writer is not None
        found.append(writer.seal())
    return found


def picture(level: int = 128, width: int = 160, height: int = 120) -> Picture:
    y = np.full((height, width), level, np.uint8)
    return Picture(
        y, np.full((height // 2, width // 2), 128, np.uint8), np.full((height // 2, width // 2), 128, np.uint8)
    )


def test_any_span_is_read_frame_by_frame_across_segments(archive: DiskArchive, segments: list[Segment]) -> None:
    span = Interval(NOW_US + 2_500_000, NOW_US + 3_500_000)
    frames = list(AvFilm(archive.path).frames(segments[::-1], span))
    assert [f.wall_us for f in frames] == [NOW_US + 2_500_000 + n * 100_000 for n in range(10)]
    assert frames[0].media_us == 0


def test_a_key_picture_is_the_same_whatever_its_decoder_decoded_before(
    archive: DiskArchive, segments: list[Segment]
) -> None:
    span, film = Interval(NOW_US, NOW_US + 6 * SECOND_US), AvFilm(archive.path)
    whole = {f.wall_us: f.picture.y for f in film.frames(segments, span) if f.key}
    film.near(segments, NOW_US + SECOND_US, lambda us, own: True)
    looks = [list(film.keys(segments, span)) for _ in range(2)]
    assert len(looks[0]) == len(whole) > 2
    for seen in looks:
        for frame in seen:
            assert np.array_equal(frame.picture.y, whole[frame.wall_us])
    assert not np.array_equal(looks[0][0].picture.y, looks[0][1].picture.y)


def test_rough_key_pictures_leave_no_trace_in_fine_ones(tmp_path: Path) -> None:
    """They wait for different decoders, although they are of one track."""
    rng = np.random.default_rng(3)
    with av.open(str(tmp_path / "noise.mp4"), "w") as made:
        stream = made.add_stream("libx264", rate=10, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        noise = rng.integers(118, 139, (180, 160), np.uint8)
        made.mux(stream.encode(av.VideoFrame.from_ndarray(noise, format="yuv420p")))
        made.mux(stream.encode())
    with open_keys(tmp_path / "noise.mp4") as container:
        track, alone = TrackFollower(container.streams.video[0]).track, KeyDecoders()
        packet = next(key_packets(container))
        first, rough, again = (alone.pictures(packet, 0, track, how)[0].picture.y for how in (False, True, False))
    assert np.array_equal(first, again) and not np.array_equal(first, rough)


def test_after_a_damaged_key_picture_the_next_one_is_whole(archive: DiskArchive, segments: list[Segment]) -> None:
    alone = KeyDecoders()
    with open_keys(archive.path(segments[0])) as container:
        track = TrackFollower(container.streams.video[0]).track
        good, other = list(key_packets(container))[:2]
        (before,) = alone.pictures(good, 0, track)
        broken: AvPacket = Packet(bytes(other)[: len(bytes(other)) // 3])  # type: ignore[assignment]
        broken.is_keyframe = True
        alone.pictures(broken, 1, track)
        (after,) = alone.pictures(good, 2, track)
    assert after.media_us == 2
    assert np.array_equal(before.picture.y, after.picture.y)


def test_rough_pictures_come_at_the_same_moments_and_look_the_same_when_small(
    archive: DiskArchive, segments: list[Segment]
) -> None:
    span = Interval(NOW_US + 500_000, NOW_US + 1_900_000)
    fine, rough = (list(AvFilm(archive.path).frames(segments, span, rough=how)) for how in (False, True))
    assert [f.wall_us for f in fine] == [f.wall_us for f in rough] and len(fine) == 14
    for one, other in zip(fine, rough, strict=True):
        small, coarse = (shrunk(f.picture, 64).y.astype(int) for f in (one, other))
        assert np.abs(small - coarse).mean() < 3


def test_outside_the_recording_there_is_nothing(archive: DiskArchive, segments: list[Segment]) -> None:
    span = Interval(NOW_US + 60 * SECOND_US, NOW_US + 61 * SECOND_US)
    assert list(AvFilm(archive.path).frames(segments, span)) == []


def test_an_erased_segment_is_skipped(archive: DiskArchive, segments: list[Segment]) -> None:
    gone = b.segment(path="segments/gate/2026-11-23/gone.mp4", interval=Interval(NOW_US, NOW_US + SECOND_US))
    frames = list(AvFilm(archive.path).frames([gone, *segments], Interval(NOW_US, NOW_US + 6 * SECOND_US)))
    assert len(frames) == 60


def test_a_segment_is_read_while_it_is_written(archive: DiskArchive, tmp_path: Path) -> None:
    video = made_video(tmp_path / "yard.mp4", seconds=6)
    with opened(video) as source:
        writer = None
        for packet in source.packets():
            writer = writer or archive.begin(b.permit(), source, source.facts, (), packet)
            writer.write(packet)
        assert writer is not None
        frames = list(AvFilm(archive.path).frames([writer.segment], Interval(NOW_US, NOW_US + 6 * SECOND_US)))
        writer.seal()
    assert 40 <= len(frames) <= 60


def test_what_is_written_plays_with_its_own_times(archive: DiskArchive, tmp_path: Path) -> None:
    film = AvFilm(archive.path)
    writer = film.write(tmp_path / "clip.mp4", 160, 120, 10.0)
    times_us = [0, 100_000, 350_000, 400_000, 1_400_000]
    for count, at_us in enumerate(times_us):
        writer.add(picture(40 + 40 * count), at_us)
    writer.finish()
    with av.open(str(tmp_path / "clip.mp4")) as container:
        frames = list(container.decode(video=0))
        assert container.streams.video[0].codec_context.name == "h264"
        assert not container.streams.audio
    assert [round(f.time * 1000) for f in frames] == [t // 1000 for t in times_us]
    levels = [int(f.reformat(format="gray").to_ndarray().mean()) for f in frames]
    assert all(after > before for before, after in pairwise(levels))


def test_an_abandoned_clip_leaves_nothing(archive: DiskArchive, tmp_path: Path) -> None:
    writer = AvFilm(archive.path).write(tmp_path / "clip.mp4", 160, 120, 10.0)
    writer.add(picture(), 0)
    writer.abandon()
    assert not (tmp_path / "clip.mp4").exists()


def test_a_still_is_a_jpeg_no_wider_than_asked_and_tells_nothing_else(archive: DiskArchive) -> None:
    data = AvFilm(archive.path).still(picture(200, 640, 480), 320)
    assert data[:2] == b"\xff\xd8"
    assert b"Exif" not in data
    with av.open(BytesIO(data), format="mjpeg") as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height) == (320, 240)


def test_full_range_pictures_keep_their_black_and_white(archive: DiskArchive) -> None:
    for full, level in ((False, 235), (True, 255)):
        made = picture(level)
        data = AvFilm(archive.path).still(Picture(made.y, made.u, made.v, full), 160)
        with av.open(BytesIO(data), format="mjpeg") as container:
            grey = next(container.decode(video=0)).reformat(format="rgb24").to_ndarray()
        assert int(grey.min()) >= 250, full


def test_recordings_with_dwellings_are_redrawn_at_their_own_times(archive: DiskArchive, tmp_path: Path) -> None:
    video = made_video(tmp_path / "vfr.mp4", times_ms=[0, 100, 900, 1_000, 3_000])
    segment = recorded(archive, video, [b.square(0.0, 0.0, 0.2, 0.2)])
    frames = list(AvFilm(archive.path).frames([segment], segment.interval))
    assert [(f.wall_us - NOW_US) // 1000 for f in frames] == [0, 100, 900, 1_000, 3_000]
