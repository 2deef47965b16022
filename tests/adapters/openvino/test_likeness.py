"""Forms and descriptions meet: what is seen, and the things that a detector names, answer words."""

from functools import cache

import numpy as np

from tests.adapters.openvino.test_detector import street
from tests.models import picture_embedder, text_embedder
from vitrail.adapters.openvino import OpenVinoLikeness
from vitrail.adapters.openvino.likeness import THINGS_SEEN
from vitrail.domain.clearing import Cleared
from vitrail.domain.detections import Detections, Label

NOBODY = np.zeros((0, 4), np.float32)


@cache
def likeness() -> OpenVinoLikeness:
    picture_embedder(), text_embedder()  # skips aloud where they cannot be had
    return OpenVinoLikeness(picture_embedder, text_embedder)


def seen(label: Label | None = None) -> Cleared:
    found = None
    if label is not None:
        boxes, scores = np.array([[0.4, 0.4, 0.6, 0.6]], np.float32), np.array([0.8], np.float32)
        found = Detections(boxes, np.array([label], np.int8), scores)
    made = Cleared.of(street("one-by-one-person-detection.mp4", 1.0), NOBODY, found=found)
    assert made is not None
    return made


def test_no_word_leads_to_a_person() -> None:
    assert "person" not in THINGS_SEEN and len(THINGS_SEEN) == len(Label) - 1


def test_a_thing_that_the_detector_saw_answers_the_words_that_name_it() -> None:
    without, bench, dog = (form.row() for form in likeness().forms([seen(), seen(Label.BENCH), seen(Label.DOG)]))
    asked = likeness().meaning("a dog on the pavement")
    assert asked @ dog > asked @ bench
    assert asked @ dog > asked @ without
    assert likeness().meaning("benches") @ bench > likeness().meaning("benches") @ dog


def test_words_find_the_street_before_the_room() -> None:
    road = Cleared.of(street("highway_traffic.mp4", 1.0), NOBODY)
    assert road is not None
    forms = [form.row() for form in likeness().forms([road, seen()])]
    asked = likeness().meaning("trucks and cars on a motorway")
    assert asked @ forms[0] > asked @ forms[1]
    table = likeness().meaning("a table in a room")
    assert table @ forms[1] > table @ forms[0]


def test_the_same_form_comes_from_a_picture_alone_and_among_others() -> None:
    one = seen()
    alone, among = likeness().forms([one])[0].row(), likeness().forms([seen(Label.CAR), one])[1].row()
    assert np.abs(alone - among).max() <= 3
    assert likeness().forms([]) == []


def test_a_direction_has_length_one_also_of_words_that_mean_nothing() -> None:
    for text in ("a red car", "", "🚗", "x" * 400, "'; DROP TABLE sighting; --", "word " * 60):
        assert abs(float(np.linalg.norm(likeness().meaning(text))) - 1.0) < 1e-3
