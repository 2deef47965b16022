"""Pictures of failures: small, and with nobody in them."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
from tools import figures

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from _failures import MOST_BYTES, Failures, Wrong

WRONG = Wrong("graffiti-1", "A tag was missed.", "made by us", truth=((0.1, 0.1, 0.3, 0.3),))


def test_the_noisiest_picture_is_made_small_enough_for_the_handbook(tmp_path: Path) -> None:
    grain = np.random.default_rng(1).integers(0, 255, (1080, 1920, 3), dtype=np.uint8)
    Failures(tmp_path / "new").keep(WRONG, grain, grain)
    path = tmp_path / "new" / "graffiti-1.jpg"
    assert path.stat().st_size <= MOST_BYTES == figures.MOST_BYTES
    assert cv2.imread(str(path)).shape[1] > 100
    assert json.loads((tmp_path / "new" / "graffiti-1.json").read_text(encoding="utf-8")) == {
        "caption": "A tag was missed.", "source": "made by us",
    }  # fmt: skip


def test_whoever_may_be_a_person_is_hidden(tmp_path: Path) -> None:
    image = np.full((240, 360, 3), 128, np.uint8)
    image[60:200:2, 100:160] = 255
    Failures(tmp_path).keep(WRONG, image, people=np.array([[0.27, 0.24, 0.46, 0.84]], np.float32))
    shown = cv2.imread(str(tmp_path / "graffiti-1.jpg"), cv2.IMREAD_GRAYSCALE)
    plain = cv2.resize(image, (shown.shape[1], shown.shape[0]))[..., 0]
    part = np.s_[140:380, 220:300]
    assert np.abs(np.diff(plain[part].astype(int), axis=0)).mean() > 20
    assert np.abs(np.diff(shown[part].astype(int), axis=0)).mean() < 4


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    Failures(None).keep(WRONG, np.zeros((40, 40, 3), np.uint8))
    assert list(tmp_path.iterdir()) == []
