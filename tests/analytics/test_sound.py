"""The analytic `sound`: two looks, a jump, and thresholds that follow a place and outlive a restart."""

from dataclasses import replace

import numpy as np
import pytest

from tests.builders import NOW_US
from vitrail.analytics.rate_guard import RateGuard
from vitrail.analytics.sound import MANIFEST, Sound
from vitrail.analytics.sound_head import KINDS, VECTOR_LENGTH, SoundHead, load_head
from vitrail.domain.sound import Habit, Heard, Hearing, SoundTrace
from vitrail.domain.streams import AnalyticSetting, Microphone, SoundStream
from vitrail.domain.time import DAY_US, HOUR_US, SECOND_US
from vitrail.pipeline.soundshape import SHAPE_LENGTH

HEARD = Heard(np.zeros(4, np.float32), np.zeros(SHAPE_LENGTH, np.float32), NOW_US, 20.0, 15, SoundTrace((), ()))


class Says:
    """A head that says what a test wants."""

    thresholds = (1.0,) * len(KINDS)

    def __init__(self) -> None:
        self.said = np.full(len(KINDS), -20.0)

    def log_odds(self, vector: object, shape: object, bands_out: object, rise_db: object) -> np.ndarray:
        return self.said


def sound_of(says: Says) -> Sound:
    microphone = Microphone("quay", "quay", SoundStream("quay.sound", "quay", "x", "x"), "tunnel")
    made = Sound(microphone, AnalyticSetting("sound", "trial"))
    made._head = says  # type: ignore[assignment]
    made._guards = {kind: RateGuard(kind, 1.0, 0.5) for kind in KINDS}
    return made


def hearing(at_us: int, heard: Heard | None = HEARD, fit: bool = True) -> Hearing:
    return Hearing("quay.sound", "quay", at_us, -30.0, -60.0, heard, fit)


def told(
    sound: Sound, says: Says, looks: list[float], kind: str = "gunshot", heard: Heard = HEARD, fit: bool = True
) -> list[str]:
    kinds = []
    for index, value in enumerate(looks):
        says.said = np.full(len(KINDS), -20.0)
        says.said[KINDS.index(kind)] = value
        found = sound.update(hearing(NOW_US + index * 250_000, heard, fit))
        kinds += [event.kind for event in found.events]
    return kinds


def test_two_looks_confirm_each_other() -> None:
    says = Says()
    assert told(sound_of(says), says, [2.0]) == []
    assert told(sound_of(says), says, [2.0, 2.0]) == ["gunshot"]
    assert told(sound_of(says), says, [2.0, -2.0, 2.0]) == []


def test_one_very_sure_look_is_enough() -> None:
    says = Says()
    assert told(sound_of(says), says, [4.5]) == ["gunshot"]


def test_one_bang_is_told_once_unless_another_name_fits_far_better() -> None:
    says = Says()
    sound = sound_of(says)
    assert told(sound, says, [2.0, 2.0], "explosion") == ["explosion"]
    assert told(sound, says, [3.0], "gunshot") == []
    assert told(sound, says, [9.0, 9.0], "gunshot") == ["explosion", "gunshot"]  # the first is over
    assert told(sound, says, [9.0, 9.0], "scream") == ["gunshot", "scream"]


def test_a_bang_that_did_not_jump_is_none_but_a_scream_may_swell() -> None:
    says, flat = Says(), replace(HEARD, rise_db=1.0)
    assert told(sound_of(says), says, [5.0, 5.0], "gunshot", flat) == []
    assert told(sound_of(says), says, [5.0, 5.0], "scream", flat) == ["scream"]


def test_a_microphone_that_is_not_fit_tells_nothing() -> None:
    says = Says()
    assert told(sound_of(says), says, [5.0, 5.0], fit=False) == []


def test_what_a_place_hears_daily_raises_its_threshold_and_no_further_than_a_shot_can_climb() -> None:
    guard = RateGuard("gunshot", 1.0, 0.5)
    for hour in range(48):
        for second in range(0, 3600, 1):
            guard.tick((hour * 3600 + second) * SECOND_US)
        guard.hear(2.5)
    assert 2.5 < guard.threshold <= 5.0
    for _ in range(500):
        guard.hear(30.0)
    assert guard.threshold == 5.0


def test_a_quiet_place_keeps_the_threshold_that_was_shipped() -> None:
    guard = RateGuard("gunshot", 1.0, 0.5)
    guard.recall(Habit("gunshot", 10 * DAY_US, 3, 1.0))
    assert guard.threshold == 1.0


def test_time_without_sound_does_not_count_as_listened() -> None:
    guard = RateGuard("gunshot", 1.0, 0.5)
    guard.tick(0)
    guard.tick(100_000)
    guard.tick(10 * HOUR_US)
    assert guard.habit.listened_us == 100_000


def test_what_was_heard_a_month_ago_counts_half() -> None:
    guard = RateGuard("gunshot", 1.0, 0.5)
    guard.recall(Habit("gunshot", 30 * DAY_US, 40, 10.0))
    guard.tick(0)
    guard.tick(100_000)
    assert (guard.habit.count, guard.habit.total) == (20, 5.0)


def test_thresholds_go_on_after_a_restart_where_they_were() -> None:
    first, second = sound_of(Says()), sound_of(Says())
    habit = Habit("gunshot", DAY_US, 50, 100.0)
    first.recall([habit, Habit("a kind of another version", 1, 1, 1.0)])
    second.recall(first.habits)
    assert habit in second.habits
    assert second._guards["gunshot"].threshold == first._guards["gunshot"].threshold > 1.0


def test_of_what_is_clear_the_layer_says_whether_it_is_an_explosion_and_the_embedding_whether_a_shot() -> None:
    own = np.zeros((2, len(KINDS)), np.float32)
    own[0, 0] = own[1, 1] = 1.0
    inputs = VECTOR_LENGTH + SHAPE_LENGTH
    vector = np.concatenate([np.zeros(VECTOR_LENGTH), [2.0, 2.0]]).astype(np.float32)
    said = {}
    for layer_says in (-3.0, 3.0):
        bias = np.array([0.0, layer_says, 0.0, 0.0, 0.0, 0.0], np.float32)
        zeros, ones = np.zeros(inputs, np.float32), np.ones(inputs, np.float32)
        layer = (zeros, ones, np.zeros((inputs, 6), np.float32), bias)
        head = SoundHead(own, np.zeros(len(KINDS), np.float32), layer, (0.0,) * len(KINDS))
        said[layer_says] = head.log_odds(vector, np.zeros(SHAPE_LENGTH, np.float32), 22, 40.0)
    assert said[-3.0][0] == said[3.0][0] == pytest.approx(2.0)
    assert said[-3.0][1] < said[-3.0][0] and said[3.0][1] > said[3.0][0]


def test_more_is_said_of_a_shot_that_is_drowned_than_of_one_that_echoes() -> None:
    vector, shape = np.zeros(1080, np.float32), np.zeros(SHAPE_LENGTH, np.float32)
    drowned, echoing = (load_head().log_odds(vector, shape, 5, rise_db) for rise_db in (8.0, 40.0))
    assert drowned[0] == pytest.approx(echoing[0] + 3.0, abs=1e-4)
    assert drowned[1:] == pytest.approx(echoing[1:])


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_head_has_a_threshold_for_every_kind(kind: str) -> None:
    assert kind in MANIFEST.kinds
    head = load_head()
    assert np.isfinite(head.thresholds[KINDS.index(kind)])
    assert np.isfinite(head.log_odds(np.zeros(1080, np.float32), np.zeros(SHAPE_LENGTH, np.float32), 5, 9.0)).all()
