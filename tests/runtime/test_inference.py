import threading
from collections.abc import Sequence

import numpy as np
import pytest

from vitrail.domain.detections import Detections, Label
from vitrail.domain.errors import Unavailable
from vitrail.domain.frames import Picture
from vitrail.runtime.inference import InferenceEngine


def picture(shade: int) -> Picture:
    return Picture(np.full((8, 8), shade, np.uint8), np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint8))


class ShadeDetector:
    """Sees one person whose score is the picture's shade; can be held still."""

    batch = 4
    manifest = None

    def __init__(self) -> None:
        self.go = threading.Event()
        self.entered = threading.Event()
        self.sizes: list[int] = []

    def detect(
        self, pictures: Sequence[Picture], floor: float, shares: Sequence[float] | None = None
    ) -> list[Detections]:
        self.entered.set()
        self.go.wait(5)
        self.sizes.append(len(pictures))
        if any(p.y[0, 0] == 255 for p in pictures):
            raise Unavailable("blinded")
        return [
            Detections(
                np.array([[0, 0, 1, 1]], np.float32),
                np.array([Label.PERSON], np.int8),
                np.array([p.y[0, 0] / 255], np.float32),
            )
            for p in pictures
        ]


def test_each_picture_gets_its_own_answer_in_batches() -> None:
    detector = ShadeDetector()
    detector.go.set()
    engine = InferenceEngine(detector, 0.2)
    answers = engine.detect([picture(n) for n in range(10)])
    assert [round(float(a.scores[0]) * 255) for a in answers if a is not None] == list(range(10))
    assert max(detector.sizes) <= 4
    engine.close()


def test_when_too_many_wait_the_oldest_is_dropped_and_counted() -> None:
    detector = ShadeDetector()
    engine = InferenceEngine(detector, 0.2)
    first = threading.Thread(target=lambda: engine.detect([picture(0)]))
    first.start()
    assert detector.entered.wait(5)  # one batch is with the detector, held still
    results: list[list[Detections | None]] = []
    flood = threading.Thread(target=lambda: results.append(engine.detect([picture(1) for _ in range(72)])))
    flood.start()
    while engine.dropped == 0:
        flood.join(0.01)
    detector.go.set()
    flood.join(5)
    first.join(5)
    assert engine.dropped == 8
    assert [a is None for a in results[0]] == [True] * 8 + [False] * 64
    engine.close()


def test_several_servers_share_what_waits() -> None:
    detector = ShadeDetector()
    engine = InferenceEngine(detector, 0.2, servers=2)
    answers = engine.ask([picture(n) for n in range(8)])
    assert detector.entered.wait(5)
    detector.go.set()
    assert [round(float(a.scores[0]) * 255) for a in answers() if a is not None] == list(range(8))
    assert max(detector.sizes) == 4  # the other four are left to the other server, whichever of them begins
    assert engine.answered == 8
    engine.close()


def test_a_failing_detector_fails_the_ones_who_asked_and_goes_on() -> None:
    detector = ShadeDetector()
    detector.go.set()
    engine = InferenceEngine(detector, 0.2)
    with pytest.raises(Unavailable, match="blinded"):
        engine.detect([picture(255)])
    assert engine.detect([picture(1)])[0] is not None
    engine.close()
    with pytest.raises(Unavailable, match="stopped"):
        engine.detect([picture(1)])


def test_looks_are_spaced_by_how_long_answers_take_between_ten_and_four_a_second() -> None:
    detector = ShadeDetector()
    detector.go.set()
    engine = InferenceEngine(detector, 0.2)
    assert engine.period_us == 100_000
    engine.detect([picture(1)])
    assert engine.period_us < 250_000
    engine._wait_s = 0.05
    assert engine.period_us == 200_000
    engine._wait_s = 3.0
    assert engine.period_us == 250_000
    engine.close()
