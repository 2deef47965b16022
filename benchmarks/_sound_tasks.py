"""The parts of the sound benchmark that listen to mixtures: events as in DCASE 2017 task 2, and days of hard
negatives."""

__all__ = ["EventScore", "a_day_with_interval", "days", "event_score", "find_events", "level_trigger"]

import time
from collections import Counter
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from _sound import Bed, Clip, Ear, Samples, held
from vitrail.analytics.sound_head import KINDS

COLLAR_S = 0.5
"""As in DCASE 2017 task 2: onsets within half a second."""
_THREATS = frozenset(KINDS)
_A_DAY = 480
"""Hard negatives: one each three minutes."""
_MICROPHONES = 2
"""The hours are shared by so many, whatever the number of processes: a microphone's thresholds follow what it hears."""


@dataclass(frozen=True, slots=True)
class EventScore:
    """Event-based, onsets only, as ``sed_eval`` counts them for one class (Mesaros and others, 2016): each told onset
    matches at most one true one; what is neither matched is missed or extra; a miss and an extra in one file are not a
    substitution, since there is one class."""

    true: int
    right: int
    told: int

    @property
    def f1(self) -> float:
        return round(2 * self.right / max(1, self.true + self.told), 3)

    @property
    def error_rate(self) -> float:
        return round((self.true - self.right + self.told - self.right) / max(1, self.true), 3)


def event_score(true: list[list[float]], told: list[list[float]], collar_s: float = COLLAR_S) -> EventScore:
    """Onsets of each file; matched greedily in order of time."""
    right = 0
    for wanted, found in zip(true, told, strict=True):
        left = sorted(found)
        for onset in sorted(wanted):
            hit = next((at for at in left if abs(at - onset) <= collar_s), None)
            if hit is not None:
                left.remove(hit)
                right += 1
    return EventScore(sum(map(len, true)), right, sum(map(len, told)))


@dataclass(frozen=True, slots=True, eq=False)
class _Mixture:
    samples: Samples
    at_s: float
    level_db: float
    seed: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Heard:
    alerts: list[tuple[float, float]]
    """(onset, when it was told)"""
    loud: list[tuple[float, float]]


def _one_mixture(mixture: _Mixture) -> _Heard:
    sound = Bed(np.random.default_rng(mixture.seed)).mixed(mixture.samples, mixture.at_s, 30.0, mixture.level_db)
    alerts = [(at, by) for name, at, by in Ear(held()).hear(sound) if name == mixture.kind]
    return _Heard(alerts, level_trigger(sound))


def find_events(clips: list[Clip], pool: Executor, kind: str, level_db: float) -> dict[str, object]:
    """Each clip of the kind once in half a minute of street, at this level against it; as many mixtures hold another
    sound instead."""
    dice = np.random.default_rng(5)
    wanted = [clip for clip in clips if clip.label == kind]
    others = [clip for clip in clips if clip.label not in ("gunshot", "explosion", "scream", "glass_breaking")]
    if not wanted or not others:
        return {"level_db": level_db, "left_out": f"no {kind}, or nothing beside it"}
    mixtures, true = [], []
    for clip in wanted:
        for given in (clip, others[int(dice.integers(len(others)))]):
            at_s = float(dice.uniform(8, 22))
            mixtures.append(_Mixture(given.samples, at_s, level_db, len(mixtures), kind))
            true.append([at_s + clip.begins_s] if given is clip else [])
    heard = list(pool.map(_one_mixture, mixtures, chunksize=4))
    told = [[at for at, _ in each.alerts] for each in heard]
    late = [
        by - onset
        for onsets, each in zip(true, heard, strict=True)
        for onset in onsets
        for by in [by for at, by in each.alerts if abs(at - onset) <= COLLAR_S][:1]
    ]
    score = event_score(true, told)
    return {
        "level_db": level_db,
        "mixtures": len(true),
        "f1": score.f1,
        "error_rate": score.error_rate,
        "recall": round(score.right / max(1, score.true), 3),
        "extra": score.told - score.right,
        "latency_p95_s": round(float(np.quantile(late, 0.95)), 2) if late else None,
        "level_trigger_f1": max(
            event_score(true, [[at for at, over in each.loud if over >= db] for each in heard]).f1
            for db in range(1, 31)
        ),
    }


def level_trigger(sound: np.ndarray) -> list[tuple[float, float]]:
    """What a trigger on loudness does: (onset, dB over the median) of everything that is louder than before, a second
    apart; its best threshold is chosen afterwards, in its favour."""
    steps = len(sound) // 441
    levels = 10 * np.log10((sound[: steps * 441].reshape(steps, 441).astype(float) ** 2).mean(axis=1) + 1e-12)
    over = levels - np.median(levels)
    found: list[tuple[float, float]] = []
    for index in np.argsort(-over)[:200]:
        at = float(index) / 100
        if over[index] >= 1 and all(abs(at - other) > 1.0 for other, _ in found):
            found.append((at, float(over[index])))
    return found


def a_day_with_interval(count: int, hours: float) -> list[float]:
    """Happenings a day, and the exact 95 % interval of a Poisson count (Garwood, 1936)."""
    low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    return [round(float(value) * 24 / hours, 2) for value in (count, low, chi2.ppf(0.975, 2 * count + 2) / 2)]


@dataclass(frozen=True, slots=True)
class _Listened:
    hours: float
    negatives: int
    told: Counter[tuple[str, str]]
    """(kind told, what it was)"""
    thresholds: dict[str, float]


def _one_microphone(clips: list[Clip], hours: float, seed: int, minutes: float) -> _Listened:
    """It listens on and on, and stops when the time is up."""
    until = time.monotonic() + minutes * 60
    dice = np.random.default_rng(seed)
    bed, ear = Bed(dice, kept=8), Ear(held())
    told: Counter[tuple[str, str]] = Counter()
    heard = negatives = 0
    for _ in range(max(1, round(hours * 60))):
        label = "street"
        if dice.random() < _A_DAY / 1440:
            clip = clips[int(dice.integers(len(clips)))]
            label, negatives = clip.label, negatives + 1
            sound = bed.mixed(clip.samples, float(dice.uniform(5, 50)), 60.0, float(dice.uniform(-10, 20)))
        else:
            sound = bed.street(60.0) * np.float32(0.03)
        told.update((kind, label) for kind, _, _ in ear.hear(sound))
        heard += 1
        if time.monotonic() > until:
            break
    return _Listened(heard / 60, negatives, told, ear.thresholds)


def days(clips: list[Clip], pool: Executor, hours: float, workers: int, minutes: float) -> dict[str, object]:
    """Hard negatives that the heads never learned from, one each three minutes, at -10 to 20 dB, in streets that are
    never quiet; thresholds follow what each microphone hears."""
    unseen = [c for c in clips if c.label not in _THREATS and not c.learned]
    clips = unseen if len(unseen) >= 10 else [c for c in clips if c.label not in _THREATS]
    if not clips:
        return {"left_out": "there are no negatives"}
    parts: list[_Listened] = []
    share, each = hours / _MICROPHONES, minutes * min(workers, _MICROPHONES) / _MICROPHONES
    asked = [pool.submit(_one_microphone, clips, share, 60 + seed, each) for seed in range(_MICROPHONES)]
    for done in as_completed(asked):
        parts.append(done.result())
        print(f"  a microphone of {parts[-1].hours:.1f} h: {_by_kind(parts[-1].told)}", flush=True)
    heard, told = sum(part.hours for part in parts), sum((part.told for part in parts), Counter[tuple[str, str]]())
    counts = _by_kind(told)
    return {
        "hours": round(heard, 1),
        "whole": heard >= 0.99 * hours,
        "negatives": len(clips),
        "negatives_heard": sum(part.negatives for part in parts),
        "alerts": counts,
        "set_off_by": {f"{kind} by {label}": count for (kind, label), count in sorted(told.items())},
        "false_a_microphone_day": {kind: a_day_with_interval(count, heard) for kind, count in counts.items()},
        "thresholds_after": [part.thresholds for part in parts],
    }


def _by_kind(told: Counter[tuple[str, str]]) -> dict[str, int]:
    return {kind: sum(count for (name, _), count in told.items() if name == kind) for kind in KINDS}
