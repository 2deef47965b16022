"""Live pictures: masked with a second's knowledge, and nothing at all is made while nobody looks."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from tests.fakes.media import BRIGHT, FakeDetector, person
from vitrail.domain.detections import Label
from vitrail.domain.frames import Frame, Picture
from vitrail.domain.geometry import Boxes
from vitrail.domain.time import SECOND_US
from vitrail.guard.live import LiveHub, LiveView
from vitrail.guard.window import Window

STEP_US = SECOND_US // 10
NOBODY = np.zeros((0, 4), np.float32)


class Wire:
    """A hub whose encoder keeps what it was given; ten frames a second."""

    def __init__(self) -> None:
        self.encoded: list[Picture] = []
        self.hub = LiveHub(self._encode)
        self.eyes = FakeDetector()

    def _encode(self, picture: Picture, width: int) -> bytes:
        self.encoded.append(picture)
        return f"picture {len(self.encoded)}, {width}".encode()

    def show(self, at: int, picture: Picture, people: Boxes | None = None, camera: str = "gate") -> None:
        """Frame number ``at``; without ``people``, those that can be seen on it."""
        if people is None:
            people = self.eyes.detect([picture], 0.2)[0].of(Label.PERSON).boxes
        self.hub.publish(camera, Frame("s", at * STEP_US, at * STEP_US, False, 0, picture), people)


class CountingPicture(Picture):
    """Says how often it was copied."""

    copies = 0

    def copy(self) -> Picture:
        CountingPicture.copies += 1
        return super().copy()


def counting(picture: Picture) -> Picture:
    CountingPicture.copies = 0
    return CountingPicture(picture.y, picture.u, picture.v)


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.hub.close()


def bright(picture: Picture) -> int:
    return int((picture.y >= BRIGHT).sum())


def watched(view: LiveView) -> tuple[threading.Thread, list[bytes], threading.Event]:
    """Somebody looks, in a thread of their own, which ends when the view does."""
    seen: list[bytes] = []
    first = threading.Event()

    def look() -> None:
        for picture in view.frames():
            seen.append(picture)
            first.set()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    return thread, seen, first


def test_while_nobody_looks_no_picture_is_copied_or_encoded(wire: Wire) -> None:
    picture = counting(person(0.5))
    for at in range(40):
        wire.show(at, picture)
    assert CountingPicture.copies == 0
    assert wire.encoded == []
    view = wire.hub.watch("gate")
    wire.show(40, picture)
    assert CountingPicture.copies == 1  # somebody looks: from now on
    view.close()


def test_when_the_last_one_leaves_what_waits_to_be_shown_is_dropped_unmade(wire: Wire) -> None:
    view = wire.hub.watch("gate")
    for at in range(15):
        wire.show(at, person(0.5))
    made = len(wire.encoded)
    assert made > 0
    view.close()
    for at in range(15, 60):
        wire.show(at, person(0.5))
    assert len(wire.encoded) == made


def test_a_picture_is_shown_a_second_late_and_not_before(wire: Wire) -> None:
    view = wire.hub.watch("gate")
    for at in range(10):
        wire.show(at, person(None))
    assert wire.encoded == []
    wire.show(10, person(None))
    assert len(wire.encoded) == 1
    view.close()


def test_somebody_seen_only_later_is_masked_in_the_picture_before(wire: Wire) -> None:
    view = wire.hub.watch("gate")
    for at in range(9):
        wire.show(at, person(0.5), NOBODY)  # there, and missed
    for at in range(9, 12):
        wire.show(at, person(0.5))
    assert bright(person(0.5)) > 0
    assert [bright(picture) for picture in wire.encoded] == [0, 0]
    view.close()


def empty_for(wire: Wire, seconds: int) -> int:
    """The yard without anybody, so that it is known; the number of the frame after."""
    for at in range(seconds * 10):
        wire.show(at, person(None, 640, 480), NOBODY)
    return seconds * 10


def test_until_the_place_is_known_all_of_it_is_masked(wire: Wire) -> None:
    view = wire.hub.watch("gate")
    after = empty_for(wire, 20)
    assert (wire.encoded[0].y != person(None, 640, 480).y).mean() > 0.5  # a block's fresh noise may hit the wall's grey
    assert np.array_equal(wire.encoded[-1].y, person(None, 640, 480).y)
    assert after == 200
    view.close()


def test_somebody_whom_no_detector_ever_sees_is_masked_because_the_place_is_known(wire: Wire) -> None:
    view = wire.hub.watch("gate")
    after = empty_for(wire, 20)
    for at in range(after, after + 40):
        wire.show(at, large_person(), NOBODY)
    assert shows(large_person())
    assert not shows(wire.encoded[-1])
    assert (wire.encoded[-1].y == person(None, 640, 480).y).mean() > 0.8
    view.close()


def test_who_sits_still_for_minutes_and_is_seen_no_more_stays_masked(wire: Wire) -> None:
    view = wire.hub.watch("gate")
    after = empty_for(wire, 20)
    box = np.array([[0.5, 0.5, 0.6, 0.75]], np.float32)
    for at in range(after, after + 1000):
        wire.show(at, large_person(), box if at < after + 30 else NOBODY)
    assert not any(shows(picture) for picture in wire.encoded[-900:])
    gone = len(wire.encoded)
    for at in range(after + 1000, after + 1100):
        wire.show(at, person(None, 640, 480), NOBODY)
    assert np.array_equal(wire.encoded[-1].y, person(None, 640, 480).y)
    assert len(wire.encoded) > gone
    view.close()


def test_a_vehicle_is_shown_where_a_person_would_be_masked(wire: Wire) -> None:
    view = wire.hub.watch("gate")
    after = empty_for(wire, 20)
    for at in range(after, after + 20):
        frame = Frame("s", at * STEP_US, at * STEP_US, False, 0, large_person())
        wire.hub.publish("gate", frame, NOBODY, np.array([[0.48, 0.48, 0.62, 0.77]], np.float32))
    assert np.array_equal(wire.encoded[-1].y, large_person().y)
    view.close()


def test_frames_that_nobody_looked_at_are_shown_with_the_masks_around_them(wire: Wire) -> None:
    view = wire.hub.watch("gate")
    box = np.array([[0.5, 0.5, 0.6, 0.75]], np.float32)
    for at in range(40):
        frame = Frame("s", at * STEP_US, at * STEP_US, False, 0, large_person())
        wire.hub.publish("gate", frame, box if at % 5 == 0 else None)
    assert len(wire.encoded) == 30
    assert not any(shows(picture) for picture in wire.encoded)
    view.close()


def shows(picture: Picture) -> bool:
    """Whether the pattern of the large person's face can be made out: it changes every other pixel."""
    face = picture.y[250:280, 330:370].astype(int)
    return bool((np.diff(face, axis=1) != 0).sum(axis=1).max() > 10)


def large_person() -> Picture:
    """Somebody 120 pixels tall in the yard."""
    y = person(None, 640, 480).y.copy()
    y[240:360, 320:384] = 230
    y[250:280:4, 330:370:4] = 205
    return Picture(y, person(None, 640, 480).u, person(None, 640, 480).v)


def test_somebody_missed_for_a_moment_stays_masked(wire: Wire) -> None:
    view = wire.hub.watch("gate")
    for at in range(40):
        wire.show(at, person(0.5), None if at % 8 == 0 else NOBODY)
    assert len(wire.encoded) == 30
    assert {bright(picture) for picture in wire.encoded} == {0}
    view.close()


def test_what_was_seen_before_anybody_looked_still_masks(wire: Wire) -> None:
    wire.show(0, person(0.5))
    view = wire.hub.watch("gate")
    for at in range(1, 13):
        wire.show(at, person(0.5), NOBODY)
    assert bright(wire.encoded[0]) == 0
    view.close()


def test_two_viewers_share_one_picture(wire: Wire) -> None:
    first, second = wire.hub.watch("gate"), wire.hub.watch("gate")
    for at in range(12):
        wire.show(at, person(0.5))
    assert next(first.frames()) == next(second.frames()) == b"picture 2, 960"
    assert len(wire.encoded) == 2
    first.close()
    wire.show(12, person(0.5))
    assert len(wire.encoded) == 3  # the second one still looks
    second.close()
    wire.show(13, person(0.5))
    assert len(wire.encoded) == 3  # nobody does


def test_a_camera_is_shown_to_those_who_look_at_it_only(wire: Wire) -> None:
    view = wire.hub.watch("gate")
    for at in range(20):
        wire.show(at, person(0.5), camera="yard")
    assert wire.encoded == []
    view.close()


def test_a_view_is_closed_from_another_thread(wire: Wire) -> None:
    view = wire.hub.watch("gate")
    thread, seen, first = watched(view)
    for at in range(12):
        wire.show(at, person(0.5))
    assert first.wait(5)
    view.close()
    view.close()  # twice is once
    thread.join(5)
    assert not thread.is_alive()
    assert seen
    made = len(wire.encoded)
    wire.show(12, person(0.5))
    assert len(wire.encoded) == made  # closing twice took nobody else's place, and ours is free


def test_closing_one_view_leaves_the_other_open(wire: Wire) -> None:
    mine, yours = wire.hub.watch("gate"), wire.hub.watch("gate")
    thread, _, first = watched(yours)
    mine.close()
    mine.close()
    for at in range(12):
        wire.show(at, person(0.5))
    assert first.wait(5)
    assert thread.is_alive()
    yours.close()
    thread.join(5)


def test_the_end_of_the_hub_ends_every_view_and_those_that_come_after(wire: Wire) -> None:
    threads = [watched(wire.hub.watch(camera))[0] for camera in ("gate", "gate", "yard")]
    wire.hub.close()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    for camera in ("gate", "never seen"):
        thread, seen, _ = watched(wire.hub.watch(camera))
        thread.join(5)
        assert not thread.is_alive()
        assert seen == []


def test_time_that_goes_back_forgets_what_was_known(wire: Wire) -> None:
    view = wire.hub.watch("gate")
    for at in range(100, 109):
        wire.show(at, person(0.5))
    assert wire.encoded == []
    wire.show(0, person(None), NOBODY)
    for at in range(1, 11):
        wire.show(at, person(None), NOBODY)
    (picture,) = wire.encoded  # that of the new time; nothing of the old one came out
    assert bright(picture) == 0
    view.close()


@pytest.mark.parametrize(
    ("width", "height", "shown"), [(1920, 1080, (960, 540)), (1922, 1081, (960, 540)), (640, 480, (640, 480))]
)
def test_wide_pictures_are_reduced_to_960(wire: Wire, width: int, height: int, shown: tuple[int, int]) -> None:
    view = wire.hub.watch("gate")
    for at in range(11):
        wire.show(at, person(0.5, width, height))
    assert [(p.width, p.height) for p in wire.encoded] == [shown]
    view.close()


def test_closing_the_house_concludes_the_view_of_a_browser_that_reads_no_more(wire: Wire) -> None:
    said: list[str] = []
    window = Window(wire.hub.watch("gate"), lambda: None, lambda error, seen: said.append(seen))
    pictures = window.frames()
    wire.hub.close()
    assert said == ["0 pictures"]
    with window:
        assert list(pictures) == []
    assert said == ["0 pictures"]
