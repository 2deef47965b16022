"""One box a thing."""

import numpy as np
import pytest

from vitrail.domain.detections import Detections, Label
from vitrail.pipeline.things import ANIMAL, PERSON, THING, VEHICLE, groups, one_each

BOX = (0.2, 0.2, 0.6, 0.6)
ASIDE = (0.5, 0.5, 0.9, 0.9)


def found(*rows: tuple[tuple[float, float, float, float], Label, float]) -> Detections:
    return Detections(
        np.array([box for box, _, _ in rows], np.float32).reshape(-1, 4),
        np.array([label for _, label, _ in rows], np.int8),
        np.array([score for *_, score in rows], np.float32),
    )


def test_labels_fall_into_four_groups() -> None:
    labels = np.array([Label.PERSON, Label.BICYCLE, Label.TRAIN, Label.DOG, Label.SUITCASE], np.int8)
    assert groups(labels).tolist() == [PERSON, VEHICLE, VEHICLE, ANIMAL, THING]


def test_vehicles_in_one_place_become_one_and_surer() -> None:
    one = one_each(found((BOX, Label.TRUCK, 0.3), (BOX, Label.CAR, 0.4)))
    assert one.labels.tolist() == [Label.CAR]
    assert one.scores[0] == pytest.approx(1 - 0.6 * 0.7)


def test_things_in_one_place_become_one_and_no_surer() -> None:
    one = one_each(found((BOX, Label.BACKPACK, 0.42), (BOX, Label.HANDBAG, 0.36)))
    assert one.labels.tolist() == [Label.BACKPACK]
    assert one.scores[0] == pytest.approx(0.42)


def test_a_rider_and_the_bicycle_stay_two() -> None:
    assert len(one_each(found((BOX, Label.PERSON, 0.5), (BOX, Label.BICYCLE, 0.5)))) == 2


def test_neighbours_stay_two_surest_first() -> None:
    both = one_each(found((BOX, Label.CAR, 0.3), (ASIDE, Label.CAR, 0.6)))
    assert both.scores.tolist() == pytest.approx([0.6, 0.3])


def test_nothing_stays_nothing_and_the_input_is_left_alone() -> None:
    assert len(one_each(Detections.none())) == 0
    given = found((BOX, Label.TRUCK, 0.3), (BOX, Label.CAR, 0.4))
    one_each(given)
    assert given.scores.tolist() == pytest.approx([0.3, 0.4])
