"""How well sounds are told apart, through the product's own listening, vectors, heads and analytic.

    python benchmarks/sound.py --data FOLDER [--hours 24] [--only clips,events,days,cost]

``FOLDER/audio-events`` holds ``labels.csv`` (file, label, source, source_id, licence). The shipped heads have learned
from none of its shots and screams; the negatives whose licence is CC0 or CC-BY were learned from, so figures are given
without them as well. Ends with one JSON line.
"""

import argparse
import csv
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from _sound import Bed, Clip, decoded, run, score_of, windows
from vitrail.adapters.openvino import SOUND_EMBEDDER, ModelShelf, catalogue, load_sound_embedder
from vitrail.adapters.openvino.aisfx import AisfxEmbedder
from vitrail.adapters.registry import PackageClients
from vitrail.analytics.sound_head import KINDS, load_head
from vitrail.cli.places import cache_folder
from vitrail.pipeline.fitness import Fitness
from vitrail.pipeline.listening import Listening
from vitrail.services.models import Models

RATE_HZ = 44_100
BANGS = ("fireworks", "door_bang", "metal_crash", "other_impact", "thunder")
LOOK_ALIKES = ("playful_scream", "singing", "baby_cry", "birds")
COLLAR_S = 0.5
"""As in DCASE 2017 task 2: onsets within half a second."""


@dataclass(frozen=True, slots=True)
class Asked:
    data: Path
    cache: Path
    hours: float
    only: frozenset[str]


def asked() -> Asked:
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).resolve().parents[1]
    parser.add_argument("--data", type=Path, default=root.parent / "shared" / "data")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--hours", type=float, default=24.0, help="length of the hard-negative mixtures")
    parser.add_argument("--only", default="clips,events,days,cost")
    given = parser.parse_args()
    if not (given.data / "audio-events" / "labels.csv").is_file():
        parser.exit(2, f"{given.data} holds no audio-events/labels.csv\n")
    return Asked(given.data, cache_folder(given.cache), given.hours, frozenset(given.only.split(",")))


def clips_of(data: Path) -> list[Clip]:
    with (data / "audio-events" / "labels.csv").open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    return [
        Clip(r["label"], r["source"], r["licence"] in ("CC0", "CC-BY"), decoded(data / "audio-events" / r["file"]))
        for r in rows
    ]


def auc(right: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve, as the share of pairs in order; ties count half."""
    yes, no = scores[right], scores[~right]
    if not len(yes) or not len(no):
        return float("nan")
    return round(float(((yes[:, None] > no) + 0.5 * (yes[:, None] == no)).mean()), 3)


def average_precision(right: np.ndarray, scores: np.ndarray) -> float:
    hits = right[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return round(float(precision[hits].mean()), 3)


def tell_clips_apart(clips: list[Clip], embedder: AisfxEmbedder) -> dict[str, object]:
    scores = np.array([score_of(clip.samples, embedder) for clip in clips])
    labels = np.array([clip.label for clip in clips])
    sources = np.array([clip.source for clip in clips])
    unseen = ~np.array([clip.learned for clip in clips])
    gun, scream = scores[:, KINDS.index("gunshot")], scores[:, KINDS.index("scream")]
    is_gun, is_scream = labels == "gunshot", labels == "scream"
    threat = np.isin(labels, ("gunshot", "explosion", "scream"))
    limits = np.array(load_head().thresholds)
    over = (scores - limits)[:, [KINDS.index(k) for k in ("gunshot", "explosion", "scream")]].max(axis=1)
    bang, alike = is_gun | np.isin(labels, BANGS), is_scream | np.isin(labels, LOOK_ALIKES)
    by_source = {
        str(source): auc(is_gun[some], gun[some])
        for source in sorted(set(sources[is_gun]))
        for some in [(~is_gun & unseen) | (is_gun & (sources == source))]
        if (is_gun & (sources == source)).sum() >= 3
    }
    return {
        "clips": len(clips),
        "gunshot_auc": auc(is_gun, gun),
        "gunshot_ap": average_precision(is_gun, gun),
        "gunshot_auc_unseen_only": auc(is_gun[unseen], gun[unseen]),
        "gunshot_auc_by_source": by_source,
        "gunshot_auc_against_bangs": auc(is_gun[bang], gun[bang]),
        "scream_auc": auc(is_scream, scream),
        "scream_ap": average_precision(is_scream, scream),
        "scream_auc_against_look_alikes": auc(is_scream[alike], scream[alike]),
        "threat_auc": auc(threat, over),
        "gunshot_recall_at_threshold": round(float((gun[is_gun] >= limits[0]).mean()), 3),
        "gunshot_false_at_threshold": round(float((gun[~is_gun] >= limits[0]).mean()), 3),
        "scream_recall_at_threshold": round(float((scream[is_scream] >= limits[3]).mean()), 3),
        "scream_false_at_threshold": round(float((scream[~is_scream] >= limits[3]).mean()), 3),
    }


def find_events(clips: list[Clip], embedder: AisfxEmbedder, level_db: float = 0.0) -> dict[str, object]:
    """Each shot once in half a minute of street, at this level against it; half of the mixtures hold none."""
    dice = np.random.default_rng(5)
    bed = Bed(dice)
    right, found, true, late = 0, 0, 0, []
    shots = [clip for clip in clips if clip.label == "gunshot"]
    others = [clip for clip in clips if clip.label not in ("gunshot", "explosion")]
    for index, clip in enumerate(shots):
        for holds in (True, False):
            given = clip if holds else others[int(dice.integers(len(others)))]
            at_s = float(dice.uniform(8, 22))
            sound = bed.mixed(given.samples, at_s, 30.0, level_db)
            told = [(at, by) for kind, at, by in run(sound, embedder) if kind == "gunshot"]
            hits = [by - at for at, by in told if holds and abs(at - at_s - clip.begins_s) <= COLLAR_S]
            true += holds
            right += bool(hits)
            found += len(told)
            late += hits[:1]
        if index % 10 == 0:
            print(f"  {index + 1} of {len(shots)} shots", flush=True)
    missed, extra = true - right, found - right
    swapped = min(missed, extra)
    return {
        "level_db": level_db,
        "mixtures": 2 * len(shots),
        "event_f1": round(2 * right / max(1, 2 * right + missed + extra), 3),
        "event_error_rate": round((missed + extra - swapped) / max(1, true), 3),
        "recall": round(right / max(1, true), 3),
        "latency_p95_s": round(float(np.quantile(late, 0.95)), 2) if late else None,
    }


def false_alarms(clips: list[Clip], embedder: AisfxEmbedder, hours: float) -> dict[str, object]:
    """Hard negatives, one a minute at -10 to 20 dB, in a street that is never quiet."""
    dice = np.random.default_rng(6)
    bed = Bed(dice)
    negatives = [clip for clip in clips if clip.label not in ("gunshot", "explosion", "scream")]
    counts = dict.fromkeys(KINDS, 0)
    minutes = round(hours * 60)
    for minute in range(minutes):
        clip = negatives[int(dice.integers(len(negatives)))]
        sound = bed.mixed(clip.samples, float(dice.uniform(5, 50)), 60.0, float(dice.uniform(-10, 20)))
        for kind, _, _ in run(sound, embedder):
            counts[kind] += 1
        if minute % 60 == 59:
            print(f"  {minute + 1} of {minutes} minutes: {counts}", flush=True)
    return {
        "hours": hours,
        "negatives_a_day": 1440,
        "false_a_microphone_day": {kind: round(count * 24 / hours, 2) for kind, count in counts.items()},
    }


def cost(embedder: AisfxEmbedder) -> dict[str, object]:
    """Processor time of this thread against the time that was heard."""
    bed = Bed(np.random.default_rng(7)).street(60.0) * 0.01
    listening, fitness = Listening(), Fitness()
    heard = list(windows(bed))
    began, looks = time.thread_time(), 0
    for window in heard:
        fitness.update(window)
        looks += listening.update(window) is not None
    quiet_s = time.thread_time() - began
    mel = np.zeros((44, 96), np.float32)
    embedder.embed([mel])
    began = time.perf_counter()
    for _ in range(20):
        embedder.embed([mel])
    return {
        "quiet_microphones_a_core": round(60.0 / quiet_s),
        "looks_in_a_quiet_minute": looks,
        "vector_ms": round((time.perf_counter() - began) / 20 * 1000, 1),
    }


def main() -> None:
    given = asked()
    Models(catalogue(), (SOUND_EMBEDDER,), PackageClients(), ModelShelf(given.cache)).ensure_default(print)
    embedder = load_sound_embedder(given.cache)
    clips = clips_of(given.data) if given.only & {"clips", "events", "days"} else []
    figures: dict[str, object] = {"benchmark": "sound"}
    if "clips" in given.only:
        figures["clips"] = tell_clips_apart(clips, embedder)
        print(json.dumps(figures["clips"]), flush=True)
    if "cost" in given.only:
        figures["cost"] = cost(embedder)
        print(json.dumps(figures["cost"]), flush=True)
    if "events" in given.only:
        figures["events"] = find_events(clips, embedder)
        print(json.dumps(figures["events"]), flush=True)
    if "days" in given.only:
        figures["days"] = false_alarms(clips, embedder, given.hours)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
