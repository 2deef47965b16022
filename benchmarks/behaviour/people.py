"""Whom does the detector see, and whom not: share of people found, by light, size, contrast with what is behind them,
and crowding. Whatever counts, times or follows people sees through it: ``presence``, ``dwell``, ``line``, ``crowd``,
``fall``.

``real_*``: frames of the recordings of ``--data`` in which ``labels.json`` says that somebody is visible. One counts
as found when a person scores at least 0.35 anywhere in it (there are no boxes); the same frames again darker with the
noise of a dark sensor, smaller in a grey surround, and with their contrast taken away; and how often somebody is seen
in frames without anybody.

``made_*``: people of the demonstration's recording, cut out and put on its empty ground where the truth is exact: found
when a box overlaps the true one by 0.4 (intersection over union). By height in pixels, by their own contrast with the
ground behind them, by light, by how much of them another person hides, and among twelve others. Put people stand out a
little: expect less of real ones.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import av
import cv2
import numpy as np
from falls import Cut, Image, images_of, learn, paste

from _data import options, say_json
from composite.reel import picture_of
from vitrail import compose
from vitrail.adapters.openvino import NanodetDetector, load_nanodet
from vitrail.domain.detections import Label
from vitrail.domain.ground import Ground

SCORE, OVERLAP, BORDER_S, EVERY_S, MOST = 0.35, 0.4, 0.7, 1.0, 120
LIGHTS, SIZES, CONTRASTS, HIDDEN = (1.0, 0.5, 0.25, 0.12), (1.0, 0.5, 0.25, 0.12), (1.0, 0.5, 0.25, 0.12), (0.3, 0.6)
FAR, CLOTHES = (0.5, 0.25), (0.4, 0.2)
"""Share of the size, and of what tells clothes from the ground behind them."""
SPOTS, TALL_M, OTHERS = 12, 1.7, 12
_NOISE = 6.0
"""Grey levels of noise that a sensor adds when it is dark."""


def main() -> None:
    given = options(__doc__ or "")
    compose.ensure_models(given.cache, print)
    cv2.setNumThreads(1)
    detector = load_nanodet(given.cache, threads=1)
    figures = real(given.data, detector)
    campus = next((p for p in (given.data / "vtest.avi", given.cache / "vtest.avi") if p.exists()), None)
    if campus is None:
        print("made people are left out: there is no vtest.avi; `vitrail demo` fetches it")
    else:
        figures |= made(campus, detector)
    say_json(benchmark="people", **figures)


def real(data: Path, detector: NanodetDetector) -> dict[str, object]:
    folder = data / "fixed-camera-video" if (data / "fixed-camera-video").is_dir() else data
    there, empty = frames(folder)
    figures: dict[str, object] = {"real_frames": len(there), "real_empty_frames": len(empty)}
    if not there:
        print("real people are left out: no labels.json says when somebody is visible")
        return figures
    rng = np.random.default_rng(1)
    forms: dict[str, tuple[Sequence[float], Callable[[Image, float], Image]]] = {
        "light": (LIGHTS, lambda image, share: darker(image, share, rng)),
        "size": (SIZES, smaller),
        "contrast": (CONTRASTS, flatter),
    }
    for name, (shares, form) in forms.items():
        found = {f"{s:g}": share(seen(detector, form(image, s)) for image in there) for s in shares}
        print(f"real, {name}: {found}", flush=True)
        figures[f"real_found_by_{name}"] = found
    if empty:
        figures["real_seen_in_empty"] = share(seen(detector, image) for image in empty)
    return figures


def frames(folder: Path) -> tuple[list[Image], list[Image]]:
    """With somebody visible, and with nobody, away from the borders by more than the labels' own accuracy."""
    there: list[Image] = []
    empty: list[Image] = []
    for path, spans in visible(folder):
        due_s = 0.0
        try:
            with av.open(str(path)) as container:
                for frame in container.decode(video=0):
                    at_s = float(frame.time or 0.0)
                    if at_s < due_s or len(there) >= MOST:
                        continue
                    due_s = at_s + EVERY_S
                    inside = any(a + BORDER_S <= at_s <= b - BORDER_S for a, b in spans)
                    outside = all(at_s < a - BORDER_S or at_s > b + BORDER_S for a, b in spans)
                    if inside or outside:
                        (there if inside else empty).append(frame.to_ndarray(format="bgr24"))
        except (av.FFmpegError, OSError) as error:
            print(f"{path.name}: left out: {error}", flush=True)
    return there, empty


def visible(folder: Path) -> Iterator[tuple[Path, list[tuple[float, float]]]]:
    try:
        labels: Any = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    for name, said in labels.items() if isinstance(labels, Mapping) else ():
        events = said.get("events", ()) if isinstance(said, Mapping) else ()
        spans = [e["visible"] for e in events if isinstance(e, Mapping) and isinstance(e.get("visible"), list)]
        if spans and (folder / name).exists():
            yield folder / name, [(float(a), float(b)) for a, b in spans]


def share(found: Iterable[bool]) -> float:
    told = list(found)
    return round(float(np.mean(told)), 3) if told else 0.0


def seen(detector: NanodetDetector, image: Image) -> bool:
    return bool((detector.detect([picture_of(image)], SCORE)[0].of(Label.PERSON).scores >= SCORE).any())


def darker(image: Image, gain: float, rng: np.random.Generator) -> Image:
    noise = rng.normal(0, _NOISE * (1 - gain), image.shape[:2])[..., None]
    return np.asarray(np.clip(image * gain + noise, 0, 255), np.uint8)


def smaller(image: Image, scale: float) -> Image:
    height, width = image.shape[:2]
    small = cv2.resize(
        image, (max(2, round(width * scale)), max(2, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    canvas = np.full_like(image, 110)
    y, x = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    canvas[y : y + small.shape[0], x : x + small.shape[1]] = small
    return canvas


def flatter(image: Image, share_kept: float) -> Image:
    middle = image.mean(axis=(0, 1))
    return np.asarray(np.clip(middle + (image - middle) * share_kept, 0, 255), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Put:
    """Somebody on the ground: the picture, the true box in pixels, how much the clothes differ from the ground, and
    the box of who stands before them."""

    image: Image
    box: np.ndarray
    contrast: float
    before: np.ndarray | None = None

    @property
    def height_px(self) -> float:
        return float(self.box[3] - self.box[1])


def made(campus: Path, detector: NanodetDetector) -> dict[str, object]:
    images = list(images_of(campus))
    empty = np.median(np.stack([image for _, image in images[::20]]), axis=0).astype(np.uint8)
    ground, cuts = learn(images, empty, detector)
    alone = list(put(empty, ground, cuts))
    if not alone:
        return {"made_people": 0}
    rng = np.random.default_rng(2)
    found = np.array([overlapped(detector, one) for one in alone])
    figures: dict[str, object] = {"made_people": len(alone), "made_found": round(float(found.mean()), 3)}
    thirds = np.quantile([one.height_px for one in alone], (0, 1 / 3, 2 / 3, 1))
    figures["made_height_px"] = [round(float(v)) for v in thirds]
    heights = np.digitize([one.height_px for one in alone], thirds[1:3])
    figures["made_found_by_height"] = [round(float(found[heights == n].mean()), 3) for n in range(3)]
    contrasts = np.array([one.contrast for one in alone])
    low = contrasts <= np.median(contrasts)
    figures["made_contrast_halves_at"] = round(float(np.median(contrasts)), 1)
    figures["made_found_by_contrast"] = [round(float(found[half].mean()), 3) for half in (low, ~low)]
    for gain in LIGHTS[1:]:
        told = share(overlapped(detector, replace(one, image=darker(one.image, gain, rng))) for one in alone)
        figures[f"made_found_at_light_{gain:g}"] = told
    for scale in FAR:
        told = share(overlapped(detector, further(one, scale)) for one in alone)
        figures[f"made_found_at_size_{scale:g}"] = told
    for kept in CLOTHES:
        told = share(overlapped(detector, one) for one in put(empty, ground, cuts, kept=kept))
        figures[f"made_found_in_clothes_{kept:g}"] = told
    for part in HIDDEN:
        told = share(overlapped(detector, one) for one in put(empty, ground, cuts, hidden=part))
        figures[f"made_found_hidden_{part:g}"] = told
    among = put(empty, ground, cuts, others=OTHERS)
    figures[f"made_found_among_{OTHERS}"] = share(overlapped(detector, one) for one in among)
    for name, value in figures.items():
        print(f"{name}: {value}", flush=True)
    return figures


def put(
    empty: Image, ground: Ground, cuts: Sequence[Cut], hidden: float = 0.0, others: int = 0, kept: float = 1.0
) -> Iterator[Put]:
    """Each of the people at each spot, near and far. ``hidden``: another one stands before so much of the width.
    ``kept``: of what tells them from the ground behind them."""
    height, width = empty.shape[:2]
    for n, cut in enumerate(cuts):
        rng = np.random.default_rng(n)
        for low in np.linspace(0.4, 0.92, SPOTS):
            spot = np.array([rng.uniform(0.2, 0.8), low])
            image = empty.astype(np.float32)
            for _ in range(others):
                away = np.array([rng.uniform(0.05, 0.95), rng.uniform(0.35, low - 0.01)])
                paste(image, ground, cuts[int(rng.integers(len(cuts)))], ground.metres([away])[0], TALL_M, 0)
            place = ground.metres([spot])[0]
            bare = image.copy()
            paste(image, ground, cut, place, TALL_M, 0)
            box = _box(ground, cut, place, width, height)
            image = bare + (image - bare) * kept
            contrast, before = _contrast(image, bare, box), None
            if hidden:
                aside = spot + (box[2] - box[0]) / width * np.array([1 - hidden, 0]) + (0, 0.005)
                other, nearer = cuts[(n + 1) % len(cuts)], ground.metres([aside])[0]
                paste(image, ground, other, nearer, TALL_M, 0)
                before = _box(ground, other, nearer, width, height)
            if box[0] < 0 or box[1] < 0 or box[2] > width or box[3] > height:
                continue
            yield Put(np.clip(image, 0, 255).astype(np.uint8), box, contrast, before)


def _box(ground: Ground, cut: Cut, place: np.ndarray, width: int, height: int) -> np.ndarray:
    foot = ground.picture([place])[0] * (width, height)
    head = ground.picture([place], TALL_M)[0] * (width, height)
    tall = foot[1] - head[1]
    half = tall * cut.image.shape[1] / cut.image.shape[0] / 2
    return np.array([foot[0] - half, foot[1] - tall, foot[0] + half, foot[1]])


def _contrast(image: Image, bare: Image, box: np.ndarray) -> float:
    """Mean difference, in grey levels, between the person and the ground that is hidden, where they differ at all."""
    x0, y0, x1, y1 = np.maximum(box, 0).astype(int)
    away = np.abs(image[y0:y1, x0:x1] - bare[y0:y1, x0:x1]).mean(axis=2)
    return float(away[away > 2].mean()) if (away > 2).any() else 0.0


def further(one: Put, scale: float) -> Put:
    """The same seen from so much further away, in a grey surround."""
    height, width = one.image.shape[:2]
    margin = np.array([(width - round(width * scale)) // 2, (height - round(height * scale)) // 2] * 2)
    return replace(one, image=smaller(one.image, scale), box=one.box * scale + margin)


def overlapped(detector: NanodetDetector, one: Put) -> bool:
    """Whether a box is theirs: the one that fits who stands before them best is not."""
    height, width = one.image.shape[:2]
    found = detector.detect([picture_of(one.image)], SCORE)[0].of(Label.PERSON).boxes * [width, height, width, height]
    if one.before is not None and len(found):
        fits = _overlaps(found, one.before)
        found = np.delete(found, int(fits.argmax()), axis=0) if fits.max() >= OVERLAP else found
    return bool((_overlaps(found, one.box) >= OVERLAP).any())


def _overlaps(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
    both = np.clip(high - low, 0, None).prod(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) + (box[2:] - box[:2]).prod() - both
    return both / np.maximum(areas, 1e-9)


if __name__ == "__main__":
    main()
