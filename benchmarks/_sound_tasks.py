"""The parts of the sound benchmark that listen to mixtures: events as in DCASE 2017 task 2, and days of hard
negatives."""

__all__ = ["EventScore", "days", "event_score", "find_events", "level_trigger"]

import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from _sound import Bed, Clip, Ear, run
from vitrail.adapters.openvino import load_sound_embedder
from vitrail.adapters.openvino.yamnet import YamnetEmbedder
from vitrail.analytics.sound_head import KINDS

COLLAR_S = 0.5
"""As in DCASE 2017 task 2: onsets within half a second."""
_A_DAY = 480
"""Hard negatives: one each three minutes."""


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


def find_events(clips: list[Clip], embedder: YamnetEmbedder, kind: str, level_db: float) -> dict[str, object]:
    """Each clip of the kind once in half a minute of street, at this level against it; as many mixtures hold another
    sound instead."""
    dice = np.random.default_rng(5)
    bed = Bed(dice)
    wanted = [clip for clip in clips if clip.label == kind]
    others = [clip for clip in clips if clip.label not in ("gunshot", "explosion", "scream", "glass_breaking")]
    if not wanted or not others:
        return {"level_db": level_db, "left_out": f"no {kind}, or nothing beside it"}
    true, told, level, late = [], [], [], []
    for clip in wanted:
        for holds in (True, False):
            given = clip if holds else others[int(dice.integers(len(others)))]
            at_s = float(dice.uniform(8, 22))
            sound = bed.mixed(given.samples, at_s, 30.0, level_db)
            alerts = [(at, by) for name, at, by in run(sound, embedder) if name == kind]
            onset = at_s + clip.begins_s
            true.append([onset] if holds else [])
            told.append([at for at, _ in alerts])
            level.append(level_trigger(sound))
            late += [by - onset for at, by in alerts if holds and abs(at - onset) <= COLLAR_S][:1]
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
            event_score(true, [[at for at, over in file if over >= db] for file in level]).f1 for db in range(1, 31)
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


def _half_day(clips: list[Clip], cache: Path, hours: float, seed: int, until: float) -> tuple[float, dict[str, int]]:
    """One microphone that listens on and on; (hours heard, alerts by kind). Stops when the time is up."""
    embedder = load_sound_embedder(cache)
    dice = np.random.default_rng(seed)
    bed, ear = Bed(dice, kept=8), Ear(embedder)
    counts = dict.fromkeys(KINDS, 0)
    minutes = round(hours * 60)
    for minute in range(minutes):
        sound = bed.street(60.0) * np.float32(0.03)
        if dice.random() < _A_DAY / 1440:
            clip = clips[int(dice.integers(len(clips)))]
            sound = bed.mixed(clip.samples, float(dice.uniform(5, 50)), 60.0, float(dice.uniform(-10, 20)))
        for kind, _, _ in ear.hear(sound):
            counts[kind] += 1
        if time.time() > until:
            return (minute + 1) / 60, counts
    return hours, counts


def days(clips: list[Clip], cache: Path, hours: float, workers: int, minutes: float) -> dict[str, object]:
    """Hard negatives that the heads never learned from, one each three minutes, at -10 to 20 dB, in streets that are
    never quiet; as many microphones as ``workers``, each with thresholds that follow what it hears."""
    bad = ("gunshot", "explosion", "scream", "glass_breaking", "siren")
    unseen = [c for c in clips if c.label not in bad and not c.learned]
    clips = unseen if len(unseen) >= 10 else [c for c in clips if c.label not in bad]
    if not clips:
        return {"left_out": "there are no negatives"}
    until = time.time() + minutes * 60
    heard, counts = 0.0, dict.fromkeys(KINDS, 0)
    with ProcessPoolExecutor(workers) as pool:
        share = hours / workers
        asked = [pool.submit(_half_day, clips, cache, share, 60 + index, until) for index in range(workers)]
        for done in as_completed(asked):
            part, found = done.result()
            heard += part
            counts = {kind: counts[kind] + found[kind] for kind in KINDS}
            print(f"  {heard:.1f} of {hours:.0f} h: {counts}", flush=True)
    return {
        "hours": round(heard, 1),
        "negatives": len(clips),
        "negatives_a_day": _A_DAY,
        "alerts": counts,
        "false_a_microphone_day": {kind: round(count * 24 / max(heard, 1e-9), 2) for kind, count in counts.items()},
    }
