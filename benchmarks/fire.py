"""Fire and smoke in pictures of cameras, each video left out of learning in its turn; and on ordinary pictures.

Pictures: ``fire-cctv-frames`` as laid out there (labels.csv, images, YOLO boxes). Frames of one video are learnt from
together or not at all, and so are composites with flames or smoke cut out of it. Where pictures are of videos that the
shipped heads did not learn from, those heads are judged on them too. ``--learn FILE`` writes the heads that the product
ships, learnt from all of them. A picture that nobody labelled counts as showing neither, as the set counts it;
``..._auc_labelled`` leaves it out. Ordinary pictures (street pictures, surveillance, fixed cameras) that nothing was
learnt from say how often the shipped heads are wrong elsewhere.

``--failures DIR`` writes what was missed most clearly and told most wrongly, people hidden: for whoever runs it,
not for the handbook, since frames carry logos of broadcasters.

Pictures are seen on all processors; of more than ``--pictures`` every so manieth is taken, evenly over each video.
"""

import argparse
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from _data import say_json
from _failures import Failures, Wrong
from _failures import option as failures_option
from _fire_heads import DECLARED, can_learn, learn, packed, said, with_zeros
from _fire_pictures import AUGMENTED, Seen, calm, composites, cutouts_of, frames, ordinary, see_all, workers
from composite.reel import picture_of
from vitrail import compose
from vitrail.adapters.openvino import PLACE_READER, ModelShelf, catalogue, load_nanodet
from vitrail.adapters.registry import PackageClients
from vitrail.analytics.burning import shipped
from vitrail.cli.places import cache_folder
from vitrail.domain.detections import Label
from vitrail.services.models import Models

LEARNT = ("yard and news", "shop", "CN-news-plume", "pexels-aerial-plume")
"""What the shipped heads were learnt from."""
_FEW = 5
Rows = npt.NDArray[np.float32]


def main() -> None:
    given = options()
    cache = cache_folder(Path(given.cache) if given.cache else None)
    compose.ensure_models(cache, print)
    Models(catalogue(), (PLACE_READER,), PackageClients(), ModelShelf(cache)).ensure_default(print)
    folder = given.data if (given.data / "labels.csv").exists() else given.data / "fire-cctv-frames"
    most = given.pictures if given.learn is None else 1_000_000
    tasks = frames(folder, most, 0 if given.shipped_only else AUGMENTED)
    cutouts = {} if given.shipped_only else cutouts_of(given.data, tasks)
    with workers(given.workers, cache, given.data, cutouts) as pool:
        seen = see_all(tasks, pool)
        learns = bool(tasks) and not given.shipped_only
        others = see_all([*calm(given.data), *composites(cutouts)], pool) if learns else []
        elsewhere = see_all(ordinary(given.data), pool)
    plain = [one for one in seen if one.plain]
    figures: dict[str, object] = {"pictures": len(plain), "videos": len({one.video for one in plain})}
    learnt = [one for one in (*seen, *others) if one.labelled]
    if given.learn:
        packed(with_zeros(learn(learnt), learnt), given.learn)
        print(f"written: {given.learn}")
    foreign = [one for one in plain if one.video not in LEARNT]
    if foreign:
        figures |= report("shipped", foreign, said(shipped(), foreign))
    if elsewhere:
        figures |= wrong(elsewhere, said(shipped(), elsewhere))
    if not given.shipped_only and can_learn([one for one in learnt if one.kind == "frame"]):
        judged, scores = leave_each_out(seen, learnt, given.workers)
        figures |= report("left_out", judged, scores)
        if given.failures:
            keep_worst(Failures(given.failures), judged, scores, cache)
    elif not given.shipped_only:
        print("too few videos to leave one out: nothing is learnt")
    say_json(benchmark="fire", declared=DECLARED, **figures)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("VITRAIL_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    parser.add_argument("--data", type=Path, default=shared / "data", help="folder of the labelled pictures")
    parser.add_argument("--cache", type=Path, default=os.environ.get("VITRAIL_CACHE"), help="where models are kept")
    parser.add_argument("--learn", type=Path, default=None, help="write the heads that are shipped")
    parser.add_argument("--shipped-only", action="store_true", help="judge with the shipped heads, learn nothing")
    parser.add_argument("--pictures", type=int, default=400, help="at most so many of fires")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    failures_option(parser)
    return parser.parse_args()


def report(name: str, seen: Sequence[Seen], scores: Rows) -> dict[str, object]:
    figures: dict[str, object] = {}
    videos = np.array([one.video for one in seen])
    labelled = np.array([one.labelled for one in seen])
    truths = {"fire": [s.fire for s in seen], "smoke": [s.smoke for s in seen], "either": [s.burns for s in seen]}
    for column, (kind, labels) in enumerate(truths.items()):
        truth, score = np.array(labels), scores[:, column]
        each = {str(v): auc(truth[videos == v], score[videos == v]) for v in sorted(set(videos))}
        false, found = ({v: _share(score[(videos == v) & part]) for v in each} for part in (~truth & labelled, truth))
        figures |= {f"{name}_{kind}_auc": auc(truth, score), f"{name}_{kind}_auc_by_video": each}
        figures |= {f"{name}_{kind}_auc_labelled": auc(truth[labelled], score[labelled])}
        figures |= {f"{name}_{kind}_false_rate_by_video": false, f"{name}_{kind}_found_by_video": found}
        figures |= {f"{name}_{kind}_found": _share(score[truth], 1)}
        print(f"{name} {kind}: AUC {auc(truth, score)}, by video {each}; false rate {false}, declared {DECLARED}")
    return figures


def wrong(seen: Sequence[Seen], scores: Rows) -> dict[str, object]:
    """How often the shipped heads are above zero where nothing burns."""
    sources = np.array([one.video for one in seen])
    figures: dict[str, object] = {"ordinary_pictures": len(seen)}
    for column, kind in enumerate(("fire", "smoke", "either")):
        each = {str(source): _share(scores[sources == source, column], 1) for source in sorted(set(sources))}
        figures |= {f"ordinary_{kind}_false_rate": _share(scores[:, column], 1)}
        figures |= {f"ordinary_{kind}_false_rate_by_source": each}
        print(f"ordinary pictures, {kind}: false rate {_share(scores[:, column], 1)}, by source {each}")
    return figures


def keep_worst(failures: Failures, seen: Sequence[Seen], scores: Rows, cache: Path) -> None:
    """Two of each."""
    detector = load_nanodet(cache, 1)
    for column, kind in enumerate(("fire", "smoke", "burns")):
        truth = np.array([getattr(one, kind) for one in seen])
        order = np.argsort(scores[:, column])
        for what, worst in (("missed", order[truth[order]][:2]), ("wrong", order[~truth[order]][::-1][:2])):
            for number, index in enumerate(worst, 1):
                image = cv2.imread(str(seen[index].path))
                people = detector.detect([picture_of(np.asarray(image, np.uint8))], 0.2)[0].of(Label.PERSON).boxes
                caption = f"{kind}: {what}, {scores[index, column]:.1f} where 0 is the threshold"
                words = Wrong(f"fire-{kind}-{what}-{number}", caption, f"{seen[index].path.name} of fire-cctv-frames")
                failures.keep(words, np.asarray(image, np.uint8), people=people)


def _share(scores: Rows, least: int = _FEW) -> float | None:
    return round(float((scores > 0).mean()), 2) if len(scores) >= least else None


def auc(truth: npt.NDArray[np.bool_], score: Rows) -> float | None:
    """Area under the curve of the ranks (Mann and Whitney 1947); None where there is only one kind."""
    if truth.all() or not truth.any():
        return None
    order = np.argsort(np.argsort(np.concatenate([score[truth], score[~truth]]), kind="stable"), kind="stable") + 1
    n, m = int(truth.sum()), int((~truth).sum())
    return round(float((order[:n].sum() - n * (n + 1) / 2) / (n * m)), 3)


_learnt: list[tuple[Sequence[Seen], Sequence[Seen]]] = []
"""What processes that learn inherit; it is too much to send."""


def _left_out(video: str) -> list[list[float]]:
    """What heads learnt without a video say to its plain pictures."""
    seen, learnt = _learnt[0]
    kept = [one for one in learnt if one.video != video]
    heads = with_zeros(learn(kept), kept)
    print(f"learnt without {video}", flush=True)
    return said(heads, [one for one in seen if one.plain and one.video == video]).tolist()


def leave_each_out(seen: Sequence[Seen], learnt: Sequence[Seen], count: int) -> tuple[list[Seen], Rows]:
    """All plain pictures, video by video, and what was said to them."""
    frames_of = {one.video for one in learnt if one.kind == "frame"}
    videos = [v for v in sorted(frames_of) if can_learn([one for one in learnt if one.video != v], videos=1)]
    _learnt[:] = [(seen, learnt)]
    with ProcessPoolExecutor(max(1, count), multiprocessing.get_context("fork")) as pool:
        found = list(pool.map(_left_out, videos))
    plain = [one for video in videos for one in seen if one.plain and one.video == video]
    return plain, np.array([row for rows in found for row in rows], np.float32).reshape(-1, 3)


if __name__ == "__main__":
    main()
