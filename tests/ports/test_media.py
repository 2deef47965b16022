"""What sources, archives and films promise: one suite for the fakes and for the real ones."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests import builders as b
from tests.builders import NOW_US, square
from tests.fakes.clock import FakeClock
from tests.fakes.media import FakeArchive, FakeFilm, FakeOpener, FakePictures, pictures
from tests.media import made_video
from vitrail.adapters.av import AvFilm, AvOpener, DiskArchive, DiskPictures
from vitrail.domain.errors import NotFound
from vitrail.domain.geometry import Polygon
from vitrail.domain.recordings import Segment
from vitrail.domain.time import SECOND_US, Interval
from vitrail.ports.archive import Archive
from vitrail.ports.film import Film
from vitrail.ports.pictures import PictureArchive
from vitrail.ports.source import Source, SourceOpener

COUNT = 20
STEP_US = SECOND_US // 10


@dataclass(frozen=True, slots=True)
class Media:
    """A camera of two seconds, ten frames a second, a key frame every second."""

    opener: SourceOpener
    archive: Archive
    film: Film
    address: str

    def open(self, start_us: int = NOW_US, masks: tuple[Polygon, ...] = ()) -> Source:
        stream = b.stream(address=self.address)
        return self.opener.open(stream, masks, b.permit(stream_=stream), start_us)

    def record(self, start_us: int = NOW_US, sealed: bool = True) -> Segment:
        source = self.open(start_us)
        writer = None
        for packet in source.packets():
            writer = writer or self.archive.begin(b.permit(), source, source.facts, (), packet)
            writer.write(packet)
        source.close()
        assert writer is not None
        whole = writer.seal()
        return whole if sealed else replace(whole, sealed=False, sha256="")


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_video(tmp_path_factory.mktemp("made") / "yard.mp4")


def made_up(folder: Path, yard: Path) -> Media:
    archive = FakeArchive(folder)
    return Media(FakeOpener(pictures(COUNT)), archive, FakeFilm(archive), "camera")


def real(folder: Path, yard: Path) -> Media:
    archive = DiskArchive(folder)
    return Media(AvOpener(FakeClock()), archive, AvFilm(archive.path), str(yard))


@pytest.fixture(params=[made_up, real])
def media(request: pytest.FixtureRequest, tmp_path: Path, yard: Path) -> Media:
    make: Callable[[Path, Path], Media] = request.param
    return make(tmp_path / "media", yard)


def test_packets_begin_with_a_key_and_time_goes_on(media: Media) -> None:
    packets = list(media.open().packets())
    assert [packet.media_us for packet in packets] == [n * STEP_US for n in range(COUNT)]
    assert [n for n, packet in enumerate(packets) if packet.key] == [0, 10]
    assert all(packet.wall_us == NOW_US + packet.media_us for packet in packets)


def test_each_packet_becomes_one_frame_at_its_time(media: Media) -> None:
    source = media.open()
    frames = [frame for packet in source.packets() for frame in source.decode(packet)] + source.drain()
    assert [frame.wall_us for frame in frames] == [NOW_US + n * STEP_US for n in range(COUNT)]
    facts = source.facts
    assert {(frame.picture.width, frame.picture.height) for frame in frames} == {(facts.width, facts.height)}


def test_what_is_masked_is_black_in_every_frame(media: Media) -> None:
    source = media.open(masks=(square(0.0, 0.0, 0.5, 1.0),))
    for packet in source.packets():
        for frame in source.decode(packet):
            assert frame.picture.y[:, : frame.picture.width // 2 - 2].max() <= 16


def test_a_segment_grows_until_it_is_sealed(media: Media) -> None:
    source = media.open()
    packets = list(source.packets())
    writer = media.archive.begin(b.permit(), source, source.facts, (), packets[0])
    assert (writer.segment.sealed, writer.segment.sha256) == (False, "")
    assert writer.segment.interval.start_us == NOW_US
    for packet in packets:
        writer.write(packet)
    assert writer.segment.interval == Interval(NOW_US, NOW_US + COUNT * STEP_US)
    whole = writer.seal()
    assert whole.sealed
    assert whole.id == writer.segment.id
    assert whole.size_bytes == media.archive.path(whole).stat().st_size
    assert whole.sha256 == media.archive.digest(whole)


def test_nothing_is_kept_longer_than_the_permit_says(media: Media) -> None:
    segment = media.record()
    assert segment.erase_after_us == segment.interval.start_us + b.permit().retention_us


def test_a_changed_file_has_another_digest(media: Media) -> None:
    segment = media.record()
    with media.archive.path(segment).open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)[0]
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last ^ 1]))
    assert media.archive.digest(segment) != segment.sha256


def test_what_is_erased_is_gone_and_may_be_erased_again(media: Media) -> None:
    segment = media.record()
    media.archive.erase(segment)
    media.archive.erase(segment)
    assert not media.archive.path(segment).exists()
    with pytest.raises(NotFound):
        media.archive.digest(segment)


def test_a_whole_segment_that_was_not_sealed_is_mended_without_loss(media: Media) -> None:
    left = media.record(sealed=False)
    mended = media.archive.mend(left)
    assert mended.sealed
    assert mended.interval == left.interval
    assert mended.sha256 == media.archive.digest(mended)


def test_of_an_empty_or_missing_file_nothing_can_be_mended(media: Media) -> None:
    left = media.record(sealed=False)
    media.archive.path(left).write_bytes(b"")
    with pytest.raises(NotFound):
        media.archive.mend(left)
    media.archive.path(left).unlink()
    with pytest.raises(NotFound):
        media.archive.mend(left)


def test_files_that_no_row_names_are_told(media: Media) -> None:
    known, lost = media.record(), media.record(NOW_US + 10 * SECOND_US)
    assert media.archive.orphans(frozenset({known.path})) == [lost.path]


def test_frames_come_back_over_segments_within_the_interval_only(media: Media) -> None:
    length_us = COUNT * STEP_US
    segments = [media.record(), media.record(NOW_US + length_us)]
    asked = Interval(NOW_US + 15 * STEP_US, NOW_US + length_us + 5 * STEP_US)
    frames = list(media.film.frames(segments, asked))
    assert [frame.wall_us for frame in frames] == [asked.start_us + n * STEP_US for n in range(10)]
    assert {frame.stream_id for frame in frames} == {segments[0].stream_id}


def test_time_never_steps_back_where_a_clock_was_set_back_and_two_recordings_claim_the_same_moments(
    media: Media,
) -> None:
    again_us = NOW_US + 15 * STEP_US
    segments = [media.record(), media.record(again_us)]
    asked = Interval(NOW_US, again_us + COUNT * STEP_US)
    times = [frame.wall_us for frame in media.film.frames(segments, asked)]
    assert times == sorted(set(times)) and times[0] == NOW_US
    assert times[-1] == again_us + (COUNT - 1) * STEP_US


def test_a_clip_is_written_or_leaves_nothing(media: Media) -> None:
    picture = pictures(1)[0]
    for name, kept in (("kept", True), ("dropped", False)):
        path = media.archive.clip_path(name)
        writer = media.film.write(path, picture.width, picture.height, 10.0)
        for n in range(5):
            writer.add(picture, n * STEP_US)
        if kept:
            writer.finish()
        else:
            writer.abandon()
        assert path.exists() == kept


def test_clips_go_by_their_date(media: Media) -> None:
    for name, at_s in (("old", 1_000), ("new", 3_000)):
        path = media.archive.clip_path(name)
        path.write_bytes(b"clip")
        os.utime(path, (at_s, at_s))
    assert media.archive.erase_clips(2_000 * SECOND_US) == 1
    assert not media.archive.clip_path("old").exists()
    assert media.archive.clip_path("new").exists()


def test_there_is_room(media: Media) -> None:
    assert media.archive.free_bytes() > 0


# cutting and key pictures


def test_only_key_pictures_and_the_one_before(media: Media) -> None:
    segment = media.record()
    found = list(media.film.keys([segment], Interval(NOW_US + 5 * STEP_US, NOW_US + 15 * STEP_US)))
    assert [frame.wall_us for frame in found] == [NOW_US, NOW_US + SECOND_US]
    assert all(frame.key for frame in found)
    assert [f.wall_us for f in media.film.keys([segment], Interval(NOW_US + SECOND_US, NOW_US + 2 * SECOND_US))] == [
        NOW_US + SECOND_US
    ]


def test_a_whole_segment_is_cut_out_byte_for_byte(media: Media, tmp_path: Path) -> None:
    segment = media.record()
    cut = media.film.cut(segment, segment.interval, tmp_path / "whole")
    assert cut is not None and cut.whole and cut.pictures == COUNT and cut.interval == segment.interval
    recorded = media.archive.path(segment).read_bytes()
    media.archive.path(segment).unlink()  # at its time
    assert (tmp_path / "whole").read_bytes() == recorded


def test_a_part_is_cut_at_key_pictures_without_its_neighbours(media: Media, tmp_path: Path) -> None:
    segment = media.record()
    cut = media.film.cut(segment, Interval(NOW_US + SECOND_US + 1, NOW_US + SECOND_US + 2), tmp_path / "part")
    assert cut is not None and not cut.whole and cut.pictures == 10
    assert cut.interval == Interval(NOW_US + SECOND_US, NOW_US + 2 * SECOND_US)


def test_what_lies_outside_is_not_cut(media: Media, tmp_path: Path) -> None:
    segment = media.record()
    for start_us in (NOW_US - SECOND_US, NOW_US + 2 * SECOND_US):
        span = Interval(start_us, start_us + SECOND_US)
        assert media.film.cut(segment, span, tmp_path / "none") is None
    assert not (tmp_path / "none").exists()


@pytest.fixture(params=["fake", "disk"])
def kept_pictures(request: pytest.FixtureRequest, tmp_path: Path) -> PictureArchive:
    return FakePictures() if request.param == "fake" else DiskPictures(tmp_path / "pictures")


def test_a_picture_is_read_as_it_was_kept_until_it_is_erased(kept_pictures: PictureArchive) -> None:
    kept_pictures.keep("-a-before", b"one")
    kept_pictures.keep("b-after", b"two")
    assert kept_pictures.read("-a-before") == b"one"
    assert kept_pictures.erase_all_but(frozenset({"b-after"})) == 1
    assert kept_pictures.read("b-after") == b"two"
    with pytest.raises(NotFound):
        kept_pictures.read("-a-before")


@pytest.mark.parametrize("sealed", [True, False])
def test_near_a_moment_are_its_key_picture_and_the_ones_beside_it(media: Media, sealed: bool) -> None:
    segment = media.record(sealed=sealed)
    for at_us, expected in ((STEP_US * 3, [0, SECOND_US]), (STEP_US * 13, [0, SECOND_US]), (0, [0, SECOND_US])):
        found = media.film.near([segment], NOW_US + at_us, lambda us, own: True)
        assert [us - NOW_US for us, _ in found] == expected
        assert all(frame and frame.key and frame.wall_us == us for us, frame in found)
        bare = media.film.near([segment], NOW_US + at_us, lambda us, own: own)
        shown = max(us for us in expected if us <= at_us)
        assert [(us - NOW_US, frame is not None) for us, frame in bare] == [(us, us == shown) for us in expected]
    assert media.film.near([], NOW_US, lambda us, own: True) == []
