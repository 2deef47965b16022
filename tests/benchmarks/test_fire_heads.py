"""Heads for fire and smoke: what they learn, and that their zeros hold at the worst source, not on average."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import _fire_heads as heads_of
from _fire_pictures import Seen, Task, composites, frames
from composite.blazes import SIDE, Cutout, Maker, matte
from vitrail.analytics.burning import Linear, unpacked


def seen(video: str, fire: bool, smoke: bool, number: int, kind: str = "frame") -> Seen:
    """Flames and smoke are one number of what is seen of each part, in half of them; each video has a light of its
    own, which says nothing."""
    rng = np.random.default_rng([number, fire, smoke, len(video)])
    flame, smoky, hazy = (np.repeat(np.float32([on, 0]), (n // 2, n - n // 2)) for on, n in parts_of(fire, smoke))
    grids = [rng.normal(0, 0.3, (len(mask), 3)).astype(np.float16) for mask in (flame, smoky, hazy)]
    for grid, mask in zip(grids, (flame, smoky, hazy), strict=True):
        grid[:, 0] += (2 * mask).astype(np.float16)
    whole = rng.normal(0, 0.3, 6).astype(np.float32)
    whole[0] += 2 * (fire or smoke)
    path = Path(f"{video}-{number}.jpg")
    return Seen(video, kind, fire, smoke, True, True, path, *grids, whole, flame, smoky, hazy)


def parts_of(fire: bool, smoke: bool) -> list[tuple[bool, int]]:
    return [(fire, 400), (smoke, 289), (smoke, 81)]


@pytest.fixture(scope="module")
def pictures() -> list[Seen]:
    shown = [
        seen(video, kind == 1, kind == 2, number)
        for video in ("yard", "shop", "plume")
        for kind in (0, 1, 2)
        for number in range(6)
    ]
    return shown + [seen("calm", False, False, number, "calm") for number in range(12)]


def test_heads_learn_what_is_drawn_and_are_read_back_as_they_were_written(pictures: list[Seen], tmp_path: Path) -> None:
    heads = heads_of.with_zeros(heads_of.learn(pictures), pictures)
    scores = heads_of.said(heads, pictures)
    for column, name in enumerate(("fire", "smoke", "burns")):
        truth = np.array([getattr(one, name) for one in pictures])
        assert scores[truth, column].min() > scores[~truth, column].max()
        assert (scores[~truth, column] > 0).mean() <= 2 * heads_of.DECLARED
    heads_of.packed(heads, tmp_path / "heads.npz")
    read = unpacked((tmp_path / "heads.npz").read_bytes())
    assert np.allclose(heads_of.said(read, pictures), scores)


def test_zeros_hold_at_the_worst_source(pictures: list[Seen]) -> None:
    """One video without fire scores high: it decides, though the other pictures are many."""
    scores = np.array([[2.0 if one.video == "shop" else -1.0] * 3 for one in pictures], np.float32)
    assert heads_of._worst(pictures, scores).tolist() == [2.0, 2.0, 2.0]
    burning = [replace(one, fire=True, smoke=True) if one.video == "shop" else one for one in pictures]
    assert heads_of._worst(burning, scores).tolist() == [-1.0, -1.0, -1.0]


def test_what_cannot_be_learnt_is_known(pictures: list[Seen]) -> None:
    assert heads_of.can_learn(pictures)
    assert not heads_of.can_learn([one for one in pictures if not one.fire])
    assert not heads_of.can_learn([one for one in pictures if one.video == "yard"])
    assert not heads_of.can_learn([one for one in pictures if one.burns])


def test_the_mean_of_linear_heads_says_the_mean_of_what_they_say() -> None:
    rng = np.random.default_rng(1)
    some = [Linear(*rng.uniform(0.5, 2, (3, 5)).astype(np.float32), float(rng.normal())) for _ in range(4)]
    rows = rng.normal(size=(7, 5)).astype(np.float32)
    assert np.allclose(heads_of._one(some).say(rows), np.mean([head.say(rows) for head in some], axis=0), atol=1e-4)


def test_composites_of_a_video_carry_its_name_and_made_ones_none() -> None:
    patch = np.zeros((40, 40, 3), np.uint8)
    found = composites({"burning yard": [Cutout(patch, "yard")], "smoking plume": [Cutout(patch, "plume")]})
    assert {task.video for task in found if task.made.startswith(("burning", "smoking"))} == {"yard", "plume"}
    assert {task.video for task in found if not task.made.startswith(("burning", "smoking"))} == {"composite"}
    assert all(task.kind == "composite" and not (task.fire and task.smoke) for task in found)


def test_flames_are_cut_out_of_their_box_and_grey_walls_are_not() -> None:
    part = np.full((60, 40, 3), 120, np.uint8)
    part[20:50, 10:30] = (40, 170, 250)
    opacity = matte(part)
    assert opacity[25:45, 14:26].min() > 0.5 and opacity[:12].max() < 0.05
    assert Cutout.of(np.full((90, 90, 3), 120, np.uint8), (0.5, 0.5, 0.9, 0.9), "yard", True) is None


@pytest.mark.parametrize("what", ["burning", "plume", "haze", "smoking"])
def test_what_is_put_in_changes_the_place_where_it_is_drawn_and_a_seed_draws_the_same(what: str) -> None:
    def made() -> tuple[np.ndarray, np.ndarray]:
        maker = Maker(np.random.default_rng(4))
        place = np.full((SIDE, SIDE, 3), 90, np.float32)
        cuts = [Cutout(np.full((50, 50, 3), 220, np.uint8), "plume")]
        blaze = maker.smoking(place, cuts) if what == "smoking" else None
        blaze = blaze or (maker.burning(place, []) if what == "burning" else getattr(maker, what)(place))
        return np.abs(blaze.image - place).max(axis=2), blaze.drawn

    changed, drawn = made()
    assert changed[drawn > 0.6].mean() > 3 * max(1.0, changed[drawn == 0].mean() if (drawn == 0).any() else 0.0)
    assert np.array_equal(changed, made()[0])


def test_a_folder_without_labels_has_no_frames_and_an_unlabelled_row_is_known(tmp_path: Path) -> None:
    assert frames(tmp_path, 10, 0) == []
    (tmp_path / "images").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "images" / name).write_bytes(b"")
    rows = "file,source_group,classes,has_fire,has_smoke\na.jpg,shop,default,0,0\nb.jpg,shop,,0,0\n"
    (tmp_path / "labels.csv").write_text(rows, encoding="utf-8")
    found: list[Task] = frames(tmp_path, 10, 0)
    assert [task.labelled for task in found] == [True, False]
