"""How fast a camera that no longer sees is noticed, and how often one that does is called ill.

Each fixed-camera recording of ``--data`` (and the demonstration's, when it was fetched) is shown as it is, as twice a
second of its frames (``awake``) and as one every two seconds (``quiet``, what a still camera decodes), and again with
each fault put in from two fifths of its length on. Frozen pictures go through an H.264 encoder, as a camera's would.
Told: seconds from the fault to its own name, whether any fault was told before, and every alarm on the recordings as
they are.
"""

import argparse
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from _data import say_json
from vitrail.cli.places import cache_folder
from vitrail.domain.frames import Picture
from vitrail.domain.health import Ailment
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.camera_health import CameraHealth

Image = npt.NDArray[np.uint8]
Shown = list[tuple[float, Image]]

_LEAST_S = 20.0
_LONGEST_S = 45.0
_WIDTH = 640
_WITHIN_S = 10.0
_RHYTHMS = {"awake": 0.1, "quiet": 2.0}
_ROOT = Path(__file__).resolve().parents[1]
_RNG = np.random.default_rng(5)
_HISS = _RNG.normal(0, 2.0, (700, 700, 3)).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("VITRAIL_SHARED", _ROOT.parent / "shared"))
    parser.add_argument("--data", type=Path, default=shared / "data", help="folder of the recordings")
    parser.add_argument("--cache", type=Path, default=os.environ.get("VITRAIL_CACHE"), help="where vtest.avi is kept")
    given = parser.parse_args()
    clips = [
        p for f in ("fixed-camera-video", "abandoned-object", "fire-video") for p in (given.data / f).glob("*.mp4")
    ]
    clips = sorted([*clips, *given.data.glob("*.mp4"), *cache_folder(given.cache).glob("vtest.avi")])
    delays: dict[str, list[float]] = defaultdict(list)
    missed: list[str] = []
    false_alarms: list[str] = []
    watched_s = 0.0
    for clip in clips:
        shown = list(_images(clip))
        length_s = shown[-1][0] if shown else 0.0
        if length_s < _LEAST_S:
            continue
        for rhythm, step_s in _RHYTHMS.items():
            watched_s += length_s
            told = _told(_stepped(shown, step_s), 0.0)
            false_alarms += [f"{clip.stem} {rhythm}: {what.value} at {at_s:.0f} s" for what, at_s in told.items()]
            for name, (what, fault) in FAULTS.items():
                from_s = 0.4 * length_s
                if name == "looped" and (rhythm == "quiet" or not _lively(shown, from_s)):
                    continue  # key frames of a loop lie at other moments each time; where nothing moves nothing repeats
                ill = shown if name in ("looped", "frozen") else _stepped(shown, max(step_s, 0.5))
                at_s = _told(_stepped(fault(ill, from_s), step_s), from_s).get(what)
                if at_s is None or at_s > _WITHIN_S:
                    missed.append(f"{clip.stem} {rhythm} {name}" + (f" {at_s:.0f} s" if at_s else ""))
                if at_s is not None:
                    delays[name].append(at_s)
        print(clip.stem, f"{length_s:.0f} s", flush=True)
    for line in (*false_alarms, *missed):
        print(line)
    faults = sum(len(found) for found in delays.values()) + len([line for line in missed if not line.endswith(" s")])
    say_json(
        benchmark="health",
        faults=faults,
        within_10_s=faults - len(missed),
        slowest_s={name: round(max(found), 1) for name, found in delays.items()},
        false_alarms=len(false_alarms),
        watched_s=round(watched_s),
    )


def _told(shown: Shown, from_s: float) -> dict[Ailment, float]:
    """Every fault that was told, and when, in seconds from ``from_s``."""
    health, told = CameraHealth(), dict[Ailment, float]()
    for at_s, image in shown:
        data = cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420)
        height, width = image.shape[:2]
        chroma = data[height:].reshape(2, height // 2, width // 2)
        for what in health.update(Picture(data[:height], chroma[0], chroma[1]), round(at_s * SECOND_US)):
            told.setdefault(what, at_s - from_s)
    return told


def _images(clip: Path) -> Iterator[tuple[float, Image]]:
    due_s = 0.0
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            at_s = float(frame.time or 0.0)
            if at_s > _LONGEST_S:
                return
            if at_s >= due_s - 1e-6:
                due_s = at_s + _RHYTHMS["awake"]
                image = frame.to_ndarray(format="bgr24")
                size = (_WIDTH, round(image.shape[0] * _WIDTH / image.shape[1] / 2) * 2)
                yield at_s, np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _stepped(shown: Shown, step_s: float) -> Shown:
    kept: Shown = []
    for at_s, image in shown:
        if not kept or at_s - kept[-1][0] >= step_s - 1e-6:
            kept.append((at_s, image))
    return kept


def _changed(change: Callable[[Image], Image]) -> Callable[[Shown, float], Shown]:
    return lambda shown, from_s: [(at_s, change(image) if at_s >= from_s else image) for at_s, image in shown]


def _lively(shown: Shown, from_s: float) -> bool:
    """Whether anything moves in what would be looped."""
    before = [image[::8, ::8, 1] for at_s, image in shown if from_s - 5.7 <= at_s < from_s]
    return max(float(cv2.absdiff(image, before[0]).mean()) for image in before[::5]) > 2.0


def _frozen(shown: Shown, from_s: float) -> Shown:
    last = next(image for at_s, image in shown if at_s >= from_s)
    count = sum(at_s >= from_s for at_s, _ in shown)
    again = iter(_encoded([last] * count))
    return [(at_s, next(again) if at_s >= from_s else image) for at_s, image in shown]


def _encoded(images: list[Image]) -> Iterator[Image]:
    """Through an encoder of constant rate, and back."""
    height, width = images[0].shape[:2]
    coder = av.CodecContext.create("libx264", "w")
    coder.width, coder.height, coder.pix_fmt, coder.framerate = width, height, "yuv420p", 10
    coder.bit_rate, coder.options = 800_000, {"preset": "veryfast", "tune": "zerolatency", "g": "20"}
    reader = av.CodecContext.create("h264", "r")
    for image in images:
        for packet in coder.encode(av.VideoFrame.from_ndarray(image, format="bgr24")):
            for frame in reader.decode(packet):
                yield frame.to_ndarray(format="bgr24")


def _looped(shown: Shown, from_s: float) -> Shown:
    """The five or six seconds before, again and again; the grain of the encoder differs a little each time."""
    before = [image for at_s, image in shown if from_s - 5.7 <= at_s < from_s]
    rest = [at_s for at_s, _ in shown if at_s >= from_s]
    grain = _RNG.normal(0, 1.0, before[0].shape).round().astype(np.int16)
    again = [
        np.clip(before[i % len(before)] + np.roll(grain, i, axis=0), 0, 255).astype(np.uint8) for i in range(len(rest))
    ]
    return [*((at_s, image) for at_s, image in shown if at_s < from_s), *zip(rest, again, strict=True)]


def _grain(image: Image, level: float) -> Image:
    """A sensor's noise around a grey level: a covered or dark camera still hisses."""
    rolled = np.roll(_HISS, int(_RNG.integers(0, 500)), axis=(0, 1))[: image.shape[0], : image.shape[1]]
    return np.clip(rolled + level, 0, 255).astype(np.uint8)


def _glare(image: Image) -> Image:
    return np.clip(image.astype(np.float32) * 1.5 + 170, 0, 255).astype(np.uint8)


def _blurred(image: Image) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), image.shape[1] / 250), np.uint8)


def _dirty(image: Image) -> Image:
    """Smears over about half of the picture."""
    height, width = image.shape[:2]
    veil = np.zeros((height, width), np.float32)
    for x, y, size in ((0.25, 0.4, 0.22), (0.6, 0.6, 0.2), (0.75, 0.25, 0.18)):
        cv2.circle(veil, (round(x * width), round(y * height)), round(size * width), 1.0, -1)
    veil = cv2.GaussianBlur(veil, (0, 0), width / 40)[..., None]
    smear = cv2.GaussianBlur(image, (0, 0), width / 30).astype(np.float32) * 0.6 + 60
    return np.asarray(image * (1 - veil) + smear * veil, np.uint8)


def _turned(image: Image) -> Image:
    """By a twelfth of the picture to the side, a little down and askew; what comes into view repeats the edge."""
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 2.0, 1.0)
    turn[:, 2] += (width / 12, -height / 30)
    return np.asarray(cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8)


FAULTS: dict[str, tuple[Ailment, Callable[[Shown, float], Shown]]] = {
    "frozen": (Ailment.FROZEN, _frozen),
    "black": (Ailment.DARK, _changed(lambda image: _grain(image, 4.0))),
    "covered": (Ailment.BLINDED, _changed(lambda image: _grain(image, 90.0))),
    "glare": (Ailment.BLINDED, _changed(_glare)),
    "defocused": (Ailment.BLURRED, _changed(_blurred)),
    "dirty": (Ailment.HIDDEN, _changed(_dirty)),
    "moved": (Ailment.MOVED, _changed(_turned)),
    "looped": (Ailment.LOOPED, _looped),
}


if __name__ == "__main__":
    main()
