"""Files as sources: what is read, what it says of time, and every kind of file that is not one."""

from itertools import islice, pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests import builders as b
from tests.adapters.av.reel import opened
from tests.builders import NOW_US, square
from tests.fakes.clock import FakeClock
from tests.media import made_video, silent_words
from vitrail.adapters.av import AvOpener
from vitrail.adapters.av.pictures import picture_of
from vitrail.domain.errors import Invalid, NotFound, Refused
from vitrail.domain.time import SECOND_US


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_video(tmp_path_factory.mktemp("made") / "yard.mp4", seconds=3)


def test_every_packet_and_every_frame_comes_once_in_order(yard: Path) -> None:
    with opened(yard) as source:
        packets = list(source.packets())
    assert len(packets) == 30
    assert packets[0].key
    assert [p.media_us for p in packets] == [n * SECOND_US // 10 for n in range(30)]
    with opened(yard) as source:
        frames = [frame for packet in source.packets() for frame in source.decode(packet)] + source.drain()
    assert [f.wall_us - NOW_US for f in frames] == [n * SECOND_US // 10 for n in range(30)]
    assert (frames[0].picture.width, frames[0].picture.height) == (320, 240)


def test_the_facts_are_the_files(yard: Path) -> None:
    with opened(yard) as source:
        facts = source.facts
    assert (facts.codec, facts.width, facts.height, facts.live) == ("h264", 320, 240, False)
    assert facts.frames_per_s == pytest.approx(10, rel=0.01)
    assert facts.length_us == pytest.approx(3 * SECOND_US, rel=0.05)


def test_without_a_start_a_file_plays_in_real_time(yard: Path) -> None:
    clock = FakeClock()
    with opened(yard, start_us=None, clock=clock) as source:
        walls = [packet.wall_us for packet in source.packets()]
    assert walls[0] == NOW_US
    assert clock.monotonic_us() == pytest.approx(2.9 * SECOND_US, abs=10_000)


def test_with_a_start_nobody_waits(yard: Path) -> None:
    clock = FakeClock()
    with opened(yard, start_us=NOW_US, clock=clock) as source:
        assert len(list(source.packets())) == 30
    assert clock.monotonic_us() == 0


def test_a_looped_file_goes_on_and_time_with_it(yard: Path) -> None:
    with opened(yard, start_us=None, loop=True) as source:
        packets = list(islice(source.packets(), 75))
    walls = [packet.wall_us for packet in packets]
    assert all(after > before for before, after in pairwise(walls))
    assert walls[-1] - walls[0] == pytest.approx(7.4 * SECOND_US, abs=20_000)


def test_sound_is_never_read(tmp_path: Path) -> None:
    with_sound = made_video(tmp_path / "talk.mp4", seconds=2, sound=True)
    with opened(with_sound) as source:
        assert len(list(source.packets())) == 20


def test_variable_frame_rates_keep_their_own_times(tmp_path: Path) -> None:
    times_ms = [0, 40, 80, 500, 540, 2_000, 2_033, 5_000]
    with opened(made_video(tmp_path / "vfr.mp4", times_ms=times_ms)) as source:
        frames = [frame for packet in source.packets() for frame in source.decode(packet)] + source.drain()
    assert [round((f.wall_us - NOW_US) / 1000) for f in frames] == times_ms


def test_a_change_of_size_in_mid_stream_is_a_new_session(tmp_path: Path) -> None:
    parts = [
        made_video(tmp_path / "small.ts", seconds=1, width=320, height=240),
        made_video(tmp_path / "large.ts", seconds=1, width=640, height=360),
    ]
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    with opened(joined) as source:
        seen = [(p.session, frame.picture.width) for p in source.packets() for frame in source.decode(p)]
        seen += [(seen[-1][0], frame.picture.width) for frame in source.drain()]
    sizes = {session: {width for s, width in seen if s == session} for session, _ in seen}
    assert set().union(*sizes.values()) == {320, 640}
    assert len(sizes) == 2


@pytest.mark.parametrize("codec", ["mjpeg", "mpeg4"])
def test_other_codecs_of_cameras_are_read(codec: str, tmp_path: Path) -> None:
    with opened(made_video(tmp_path / f"{codec}.avi", seconds=1, codec=codec)) as source:
        frames = [frame for packet in source.packets() for frame in source.decode(packet)] + source.drain()
    assert len(frames) == 10


def test_dwellings_are_black_in_every_frame(yard: Path) -> None:
    with opened(yard, masks=[square(0.0, 0.0, 0.5, 0.5)]) as source:
        frames = [frame for packet in source.packets() for frame in source.decode(packet)]
    for frame in frames:
        assert int(frame.picture.y[:118, :158].max()) <= 17
        assert int(frame.picture.y[125:, 165:].min()) > 60


def test_pictures_are_not_copied_when_nothing_is_masked(yard: Path) -> None:
    with opened(yard) as source:
        frame = next(frame for packet in source.packets() for frame in source.decode(packet))
    assert not frame.picture.y.flags.owndata
    assert not frame.picture.y.flags.writeable


def grainy(path: Path) -> Path:
    """A second of moving noise that its bit rate is too small for, so that blocks have edges."""
    random = np.random.default_rng(1)
    noise = cv2.GaussianBlur(random.integers(0, 255, (240, 420, 3), np.uint8), (0, 0), 2)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "38", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for n in range(10):
            picture = np.ascontiguousarray(noise[:, 5 * n : 5 * n + 320])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path


def test_what_the_machine_looks_at_is_a_little_rougher_than_what_is_kept(tmp_path: Path) -> None:
    yard = grainy(tmp_path / "grainy.mp4")
    with opened(yard) as source:
        looked_at = [frame.picture for packet in source.packets() for frame in source.decode(packet)]
        looked_at += [frame.picture for frame in source.drain()]
    with av.open(str(yard)) as container:
        exact = [picture_of(frame) for frame in container.decode(video=0)]
    away = [np.abs(a.y.astype(int) - e.y.astype(int)).mean() for a, e in zip(looked_at, exact, strict=True)]
    assert max(away) > 0
    assert max(away) < 8


def test_a_truncated_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = made_video(tmp_path / "whole.ts", seconds=3).read_bytes()
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    with opened(cut) as source:
        frames = [frame for packet in source.packets() for frame in source.decode(packet)] + source.drain()
    assert 10 <= len(frames) < 30


def test_damage_in_the_middle_loses_the_damage_only(tmp_path: Path) -> None:
    data = bytearray(made_video(tmp_path / "whole.ts", seconds=6).read_bytes())
    middle = len(data) // 2
    noise = np.random.default_rng(1).integers(0, 256, 600, dtype=np.uint8).tobytes()
    data[middle : middle + 600] = noise
    broken = tmp_path / "broken.ts"
    broken.write_bytes(bytes(data))
    with opened(broken) as source:
        frames = [frame for packet in source.packets() for frame in source.decode(packet)] + source.drain()
    assert len(frames) >= 40


BAD = {
    "missing.mp4": (None, NotFound, "there is no file"),
    "empty.mp4": (b"", Invalid, "0 bytes"),
    "words.mp4": (b"only words, no pictures\n" * 100, Invalid, "no video"),
    "list.m3u8": (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", Invalid, "no video"),
    "list.ffconcat": (b"ffconcat version 1.0\nfile /etc/passwd\n", Invalid, "no video"),
    "picture.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Invalid, "no video"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_video_is_told_apart(name: str, tmp_path: Path) -> None:
    content, kind, said = BAD[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(kind, match=said) as error:
        opened(tmp_path / name)
    assert error.value.where == name
    assert error.value.remedy


def test_an_mp4_without_its_index_names_the_remedy(tmp_path: Path) -> None:
    whole = made_video(tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Invalid) as error:
        opened(tmp_path / "cut.mp4")
    assert "repair" in error.value.remedy


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="holds no video"):
        opened(silent_words(tmp_path / "words.mp4"))


def test_a_folder_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no file"):
        opened(tmp_path)


def test_a_permit_for_another_stream_opens_nothing(yard: Path) -> None:
    with pytest.raises(Refused, match="permit is for stream"):
        AvOpener(FakeClock()).open(b.stream(id="other", address=str(yard)), (), b.permit(), NOW_US)
