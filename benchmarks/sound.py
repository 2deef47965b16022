"""How well sounds are told apart, through the product's own listening, vectors, heads and analytic.

    python benchmarks/sound.py --data FOLDER [--hours 24] [--minutes 12] [--only clips,folds,events,days,cost,places]

``FOLDER/audio-events`` holds ``labels.csv`` (file, label, source, source_id, licence). The shipped heads have learned
from none of its shots and screams; the negatives whose licence is CC0 or CC-BY were learned from, so figures are given
without them as well. Ends with one JSON line; what could not be measured says why.
"""

import argparse
import csv
import json
import os
import time
from collections import Counter
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from av.error import FFmpegError

from _sound import Bed, Clip, Looks, decoded, listeners, looked_here, scores_of, windows
from _sound_folds import folds
from _sound_tasks import days, find_events
from vitrail.adapters.openvino import SOUND_EMBEDDER, ModelShelf, catalogue, load_sound_embedder
from vitrail.adapters.openvino.yamnet import KINDS_AT, YamnetEmbedder
from vitrail.adapters.registry import PackageClients
from vitrail.analytics.sound_head import KINDS, load_head
from vitrail.cli.places import cache_folder
from vitrail.pipeline.fitness import Fitness
from vitrail.pipeline.listening import Listening
from vitrail.pipeline.soundshape import shape_of
from vitrail.pipeline.spectrum import log_mel
from vitrail.services.models import Models

RATE_HZ = 44_100
BANGS = ("fireworks", "door_bang", "metal_crash", "other_impact", "thunder")
LOOK_ALIKES = ("playful_scream", "singing", "baby_cry", "birds")
THREATS = ("gunshot", "explosion", "scream", "glass_breaking")
PARTS = "clips,folds,cost,events,places,days"


@dataclass(frozen=True, slots=True)
class Asked:
    data: Path
    cache: Path
    hours: float
    minutes: float
    workers: int
    only: frozenset[str]


def asked() -> Asked:
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).resolve().parents[1]
    shared = Path(os.environ.get("VITRAIL_SHARED", root.parent / "shared"))
    parser.add_argument("--data", type=Path, default=shared / "data")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--hours", type=float, default=24.0, help="length of the hard-negative mixtures")
    parser.add_argument(
        "--minutes", type=float, default=12.0, help="they stop after so long, and say how far they came"
    )
    parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))
    parser.add_argument("--only", default=PARTS)
    given = parser.parse_args()
    return Asked(
        given.data,
        cache_folder(given.cache),
        given.hours,
        given.minutes,
        max(1, given.workers),
        frozenset(given.only.split(",")),
    )


def clips_of(data: Path) -> list[Clip]:
    """What ``labels.csv`` names and is there; files that are missing or damaged are said aloud and left out."""
    labels = data / "audio-events" / "labels.csv"
    if not labels.is_file():
        print(f"there is no {labels}: what needs labelled clips is left out", flush=True)
        return []
    with labels.open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    found = []
    for row in rows:
        file, label, source = (row.get(name) or "" for name in ("file", "label", "source"))
        if not file or not label:
            print(f"a row without file or label is left out: {row}", flush=True)
            continue
        try:
            samples = decoded(data / "audio-events" / file)
        except (OSError, ValueError, IndexError, FFmpegError) as error:
            print(f"{file} is left out: {error}", flush=True)
            continue
        who = (row.get("source_id") or "").rpartition(" by ")[2] or file
        found.append(Clip(label, source, f"{source}/{who}", row.get("licence") in ("CC0", "CC-BY"), samples))
    return found


def auc(right: np.ndarray, scores: np.ndarray) -> float | None:
    """Area under the ROC curve, as the share of pairs in order; ties count half. None when one side is empty."""
    yes, no = scores[right], scores[~right]
    if not len(yes) or not len(no):
        return None
    return round(float(((yes[:, None] > no) + 0.5 * (yes[:, None] == no)).mean()), 3)


def average_precision(right: np.ndarray, scores: np.ndarray) -> float | None:
    if not right.any():
        return None
    hits = right[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return round(float(precision[hits].mean()), 3)


def share(what: np.ndarray) -> float | None:
    return round(float(what.mean()), 3) if len(what) else None


def tell_clips_apart(clips: list[Clip], looks: list[Looks]) -> dict[str, object]:
    """The shipped heads: every source here is one that their shots and screams did not come from."""
    scores = scores_of(looks)
    labels = np.array([clip.label for clip in clips])
    sources = np.array([clip.source for clip in clips])
    unseen = ~np.array([clip.learned for clip in clips])
    gun, scream = scores[:, KINDS.index("gunshot")], scores[:, KINDS.index("scream")]
    is_gun, is_scream = labels == "gunshot", labels == "scream"
    limits = np.array(load_head().thresholds)
    over = (scores - limits)[:, [KINDS.index(k) for k in THREATS]].max(axis=1)
    bang, alike = is_gun | np.isin(labels, BANGS), is_scream | np.isin(labels, LOOK_ALIKES)
    by_source = {
        str(source): auc(is_gun[some], gun[some])
        for source in sorted(set(sources[is_gun]))
        for some in [(~is_gun & unseen) | (is_gun & (sources == source))]
        if (is_gun & (sources == source)).sum() >= 3
    }
    threat = np.isin(labels, THREATS)
    return {
        "clips": len(clips),
        "gunshot_auc": auc(is_gun, gun),
        "gunshot_ap": average_precision(is_gun, gun),
        "gunshot_auc_unseen_only": auc(is_gun[unseen], gun[unseen]),
        "gunshot_auc_by_source": by_source,
        "gunshot_auc_against_bangs": auc(is_gun[bang], gun[bang]),
        "scream_auc": auc(is_scream, scream),
        "scream_ap": average_precision(is_scream, scream),
        "scream_auc_unseen_only": auc(is_scream[unseen], scream[unseen]),
        "scream_auc_against_look_alikes": auc(is_scream[alike], scream[alike]),
        "glass_auc": auc(labels == "glass_breaking", scores[:, KINDS.index("glass_breaking")]),
        "threat_auc": auc(threat, over),
        "threat_ap": average_precision(threat, over),
        "gunshot_recall_at_threshold": share(gun[is_gun] >= limits[0]),
        "gunshot_false_at_threshold": share(gun[~is_gun & unseen] >= limits[0]),
        "scream_recall_at_threshold": share(scream[is_scream] >= limits[3]),
        "scream_false_at_threshold": share(scream[~is_scream & unseen] >= limits[3]),
        "told_as": {kind: _told_as(looks, labels == kind) for kind in KINDS if (labels == kind).any()},
        "unseen_negatives_told_declared_and_got": _declared_and_got(looks, unseen & ~np.isin(labels, KINDS)),
        "peer_yamnet_alone": _peer(labels, looks, bang, alike),
    }


def _told_as(looks: list[Looks], these: np.ndarray) -> dict[str, int]:
    """By what a microphone in a quiet room tells first of each clip."""
    first = Counter(looks[i].told[0] if looks[i].told else "nothing" for i in np.flatnonzero(these))
    return dict(first.most_common())


def _declared_and_got(looks: list[Looks], these: np.ndarray) -> dict[str, list[float | None]]:
    """Thresholds were set on sounds of other makers, of which the declared share passes each."""
    facts = json.loads(resources.files("vitrail.analytics").joinpath("heads", "sound.json").read_text(encoding="utf-8"))
    told = np.array([[kind in each.told for kind in KINDS] for each in looks])[these]
    return {kind: [facts["passing"][kind], share(told[:, index])] for index, kind in enumerate(KINDS)}


def _peer(labels: np.ndarray, looks: list[Looks], bang: np.ndarray, alike: np.ndarray) -> dict[str, object]:
    """What a user gets who installs the network and reads its own kinds `gunshot` and `scream`, without our heads."""
    at = {name: 1024 + list(KINDS_AT).index(name) for name in ("gunshot", "scream")}
    said = {
        name: np.array([each.inputs[:, column].max() if len(each.said) else -30.0 for each in looks])
        for name, column in at.items()
    }
    is_gun, is_scream = labels == "gunshot", labels == "scream"
    return {
        "gunshot_auc": auc(is_gun, said["gunshot"]),
        "gunshot_auc_against_bangs": auc(is_gun[bang], said["gunshot"][bang]),
        "scream_auc": auc(is_scream, said["scream"]),
        "scream_auc_against_look_alikes": auc(is_scream[alike], said["scream"][alike]),
    }


def cost(embedder: YamnetEmbedder) -> dict[str, object]:
    """Processor time of this thread against the time that was heard."""
    bed = Bed(np.random.default_rng(7)).street(120.0) * np.float32(0.03)
    listening, fitness = Listening(), Fitness()
    heard = list(windows(bed))
    began, looks = time.thread_time(), 0
    for window in heard:
        fitness.update(window)
        looks += listening.update(window) is not None
    quiet_s = time.thread_time() - began
    second = bed[:RATE_HZ]
    embedder.embed([log_mel(second)])
    began = time.perf_counter()
    for _ in range(20):
        embedder.embed([log_mel(second)])
        shape_of(second)
    return {
        "quiet_microphones_a_core": round(120.0 / quiet_s),
        "looks_in_two_quiet_minutes": looks,
        "look_ms": round((time.perf_counter() - began) / 20 * 1000, 1),
    }


def locate() -> dict[str, object]:
    try:
        import pyroomacoustics  # noqa: F401
    except ImportError:
        return {"left_out": "pyroomacoustics is not installed: pip install pyroomacoustics"}
    from _sound_places import places

    return {"clocks_1_ms": places(40, 0.001), "clocks_20_ms": places(40, 0.02)}


def main() -> None:
    given = asked()
    Models(catalogue(), (SOUND_EMBEDDER,), PackageClients(), ModelShelf(given.cache)).ensure_default(print)
    embedder = load_sound_embedder(given.cache)
    clips = clips_of(given.data) if given.only - {"cost", "places"} else []
    figures: dict[str, object] = {"benchmark": "sound"}

    def tell(name: str, found: object) -> None:
        figures[name] = found
        print(json.dumps({name: found}), flush=True)

    with listeners(given.cache, given.workers) as pool:
        if clips and given.only & {"clips", "folds"}:
            looks = list(pool.map(looked_here, [clip.samples for clip in clips], chunksize=4))
            if "clips" in given.only:
                tell("clips", tell_clips_apart(clips, looks))
            if "folds" in given.only:
                tell("folds", folds(clips, looks))
        if clips and "events" in given.only:
            levels = (-6.0, 0.0, 6.0)
            tell("events", {f"{level:+.0f} dB": find_events(clips, pool, "gunshot", level) for level in levels})
            tell("scream_events", find_events(clips, pool, "scream", 0.0))
        if clips and "days" in given.only:
            tell("days", days(clips, pool, given.hours, given.workers, given.minutes))
    if "cost" in given.only:
        tell("cost", cost(embedder))
    if "places" in given.only:
        tell("places", locate())
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
