"""What other programs need for the same live picture on one core: Debian's ``motion``, Frigate's documented recipe.

Each is one stream on one pinned core; streams a core is what its processor time leaves room for, which is kind to it:
many at once only get in each other's way. Neither knows zones, dwell, a guard or a ledger."""

__all__ = ["RECIPE", "motion", "recipe"]

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.adapters.openvino import NanodetDetector
from vitrail.domain.frames import Picture, Region

_SPAN_S = 30.0
RECIPE = (1280, 720)
"""Frigate's usual size to detect in; its documentation advises five frames a second."""
_RECIPE_FPS = 5
_MOTION_HEIGHT, _LIFT, _LEAST_AREA = 100, 30, 10
"""Its motion step's documented defaults: height of the picture it works on, threshold, contour area."""
_LEAST_SIDE = 320
"""Regions given to its detector are squares of this many pixels at least."""


def motion(address: str, core: int) -> float | None:
    """``motion`` with pictures and films switched off; None when it is not installed."""
    if shutil.which("motion") is None:
        return None
    with tempfile.TemporaryDirectory() as place:
        settings = {
            "netcam_url": address, "width": 1920, "height": 1080, "framerate": _RECIPE_FPS, "daemon": "off",
            "picture_output": "off", "movie_output": "off", "webcontrol_port": 0, "stream_port": 0,
            "target_dir": place, "log_level": 1, "netcam_params": "keepalive=off",
        }  # fmt: skip
        config = Path(place) / "motion.conf"
        config.write_text("".join(f"{key} {value}\n" for key, value in settings.items()), encoding="utf-8")
        began_s = _children_s()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        running = subprocess.Popen(["taskset", "-c", str(core), "motion", "-c", str(config)], **quiet)
        time.sleep(_SPAN_S)
        running.terminate()
        running.wait(20)
        return _SPAN_S / (_children_s() - began_s)


def recipe(address: str, core: int, detector: NanodetDetector) -> float | None:
    """ffmpeg to raw frames five times a second, a blurred difference against a slow average, and the same detector on
    a square around what moves; None when ffmpeg is not installed."""
    if shutil.which("ffmpeg") is None:
        return None
    width, height = RECIPE
    words = ["taskset", "-c", str(core), "ffmpeg", "-v", "error", "-threads", "1"]
    words += ["-rtsp_transport", "tcp"] if "://" in address else ["-re"]
    words += ["-i", address, "-t", str(_SPAN_S), "-r", str(_RECIPE_FPS), "-vf", f"scale={width}:{height}"]
    words += ["-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:"]
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    began_s, mine_s = _children_s(), time.process_time()
    step = _MotionStep()
    with subprocess.Popen(words, stdout=subprocess.PIPE) as running:
        assert running.stdout
        while len(data := running.stdout.read(width * height * 3 // 2)) == width * height * 3 // 2:
            picture = _picture(np.frombuffer(data, np.uint8))
            if region := step.moved(picture.y):
                detector.detect([picture.part(region)], 0.2)
    mine_s = time.process_time() - mine_s
    os.sched_setaffinity(0, allowed)
    return _SPAN_S / (mine_s + _children_s() - began_s)


class _MotionStep:
    def __init__(self) -> None:
        self._average: npt.NDArray[np.float32] | None = None

    def moved(self, luma: npt.NDArray[np.uint8]) -> Region | None:
        """A square around everything that moves."""
        height, width = luma.shape
        size = (round(width * _MOTION_HEIGHT / height), _MOTION_HEIGHT)
        small = cv2.GaussianBlur(cv2.resize(luma, size), (3, 3), 0).astype(np.float32)
        if self._average is None:
            self._average = small
        away = (cv2.absdiff(small, self._average) > _LIFT).astype(np.uint8)
        contours, _ = cv2.findContours(cv2.dilate(away, None, iterations=2), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        cv2.accumulateWeighted(small, self._average, 0.01)
        boxes = [cv2.boundingRect(contour) for contour in contours if cv2.contourArea(contour) > _LEAST_AREA]
        return _square([[v * height / _MOTION_HEIGHT for v in box] for box in boxes], width, height) if boxes else None


def _square(boxes: Sequence[Sequence[float]], width: int, height: int) -> Region:
    low = [min(box[i] for box in boxes) for i in (0, 1)]
    high = [max(box[i] + box[i + 2] for box in boxes) for i in (0, 1)]
    side = min(float(height), max(_LEAST_SIDE, 1.2 * max(high[0] - low[0], high[1] - low[1])))
    corner = [
        min(max(0.0, (a + b - side) / 2), limit - side) for a, b, limit in zip(low, high, (width, height), strict=True)
    ]
    return Region(corner[0] / width, corner[1] / height, (corner[0] + side) / width, (corner[1] + side) / height)


def _picture(data: npt.NDArray[np.uint8]) -> Picture:
    width, height = RECIPE
    chroma = data[width * height :].reshape(2, height // 2, width // 2)
    return Picture(data[: width * height].reshape(height, width), chroma[0], chroma[1])


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
