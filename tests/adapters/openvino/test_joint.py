"""A joint picture-text model of a site's own: a tiny real one is made here, two networks that agree on colours."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops
from ruamel.yaml import YAML

from vitrail.adapters.openvino import JointLikeness
from vitrail.adapters.openvino.bpe import BytePairs
from vitrail.domain.clearing import Cleared
from vitrail.domain.errors import Corrupt, Invalid, Refused
from vitrail.domain.frames import Picture

NOBODY = np.zeros((0, 4), np.float32)
SIDE, LENGTH = 32, 8
WORDS = ["r", "e", "d", "b", "l", "u", "d</w>", "e</w>", "re", "red</w>", "bl", "blu", "blue</w>"]
MERGES = [("r", "e"), ("re", "d</w>"), ("b", "l"), ("bl", "u"), ("blu", "e</w>")]
MEANS = {"red</w>": (1.0, -1.0), "blue</w>": (-1.0, 1.0)}


def picture(red: int, blue: int) -> Cleared:
    """Of one colour, given by its two chroma planes."""
    y, half = np.full((64, 64), 120, np.uint8), (32, 32)
    made = Cleared.of(Picture(y, np.full(half, blue, np.uint8), np.full(half, red, np.uint8)), NOBODY)
    assert made is not None
    return made


def networks(folder: Path) -> None:
    """Pictures: mean red less mean blue, and the other way round. Texts: the sum of what each piece means."""
    seen = ops.parameter([-1, 3, SIDE, SIDE], np.float32, name="pixels")
    means = ops.reduce_mean(seen, ops.constant(np.array([2, 3], np.int64)), keep_dims=False)
    turn = ops.constant(np.array([[1.0, -1.0], [0.0, 0.0], [-1.0, 1.0]], np.float32))
    result = ops.result(ops.matmul(means, turn, False, False), name="image_embeds")
    result.output(0).get_tensor().set_names({"image_embeds"})
    seen.output(0).get_tensor().set_names({"pixels"})
    ov.save_model(ov.Model([result], [seen], "pictures"), folder / "pictures.xml", compress_to_fp16=False)
    table = np.zeros((len(WORDS) + 2, 2), np.float32)
    for word, means_ in MEANS.items():
        table[WORDS.index(word)] = means_
    tokens = ops.parameter([-1, LENGTH], np.int64, name="tokens")
    tokens.output(0).get_tensor().set_names({"tokens"})
    taken = ops.gather(ops.constant(table), tokens, ops.constant(np.int64(0)))
    said = ops.result(ops.reduce_sum(taken, ops.constant(np.int64(1)), keep_dims=False), name="text_embeds")
    said.output(0).get_tensor().set_names({"text_embeds"})
    ov.save_model(ov.Model([said], [tokens], "texts"), folder / "texts.xml", compress_to_fp16=False)


def joint(folder: Path, **changes: Any) -> tuple[Path, str]:
    """``joint.yaml`` and its digest."""
    folder.mkdir(exist_ok=True)
    networks(folder)
    numbers = {word: number for number, word in enumerate([*WORDS, "<|startoftext|>", "<|endoftext|>"])}
    (folder / "vocab.json").write_text(json.dumps(numbers), encoding="utf-8")
    (folder / "merges.txt").write_text("#version\n" + "".join(f"{a} {b}\n" for a, b in MERGES), encoding="utf-8")

    def file(name: str) -> dict[str, str]:
        return {"file": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}

    given: dict[str, Any] = {
        "id": "tiny",
        "licence_code": "MIT",
        "licence_weights": "MIT",
        "attribution": "made by a test",
        "limits": ["knows two colours"],
        "prompt": "a {} thing",
        "pictures": file("pictures.xml")
        | {"input": "pixels", "output": "image_embeds", "side": SIDE, "mean": [0.5] * 3, "spread": [0.5] * 3}
        | {"weights": file("pictures.bin")},
        "texts": file("texts.xml")
        | {"input": "tokens", "output": "text_embeds", "length": LENGTH, "weights": file("texts.bin")},
        "pieces": {"kind": "byte-pairs", "vocabulary": file("vocab.json"), "merges": file("merges.txt")},
    }
    path = folder / "joint.yaml"
    with path.open("w", encoding="utf-8") as opened:
        YAML(typ="safe", pure=True).dump(given | changes, opened)
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def tiny(tmp_path: Path) -> JointLikeness:
    return JointLikeness(*joint(tmp_path / "model"), tmp_path / "cache", threads=1)


def test_words_find_the_picture_that_they_describe(tiny: JointLikeness) -> None:
    red, blue = (form.row() for form in tiny.forms([picture(220, 80), picture(80, 220)]))
    assert tiny.meaning("red") @ red > 0 > tiny.meaning("red") @ blue
    assert tiny.meaning("blue") @ blue > 0 > tiny.meaning("blue") @ red
    assert tiny.forms([]) == []


def test_forms_say_which_model_made_them(tiny: JointLikeness, tmp_path: Path) -> None:
    (form,) = tiny.forms([picture(220, 80)])
    digest = hashlib.sha256((tmp_path / "model" / "joint.yaml").read_bytes()).hexdigest()
    assert form.maker == tiny.maker == f"joint-{digest[:16]}"


def test_the_axes_are_worked_out_once_and_made_again_when_damaged(tmp_path: Path) -> None:
    path, digest = joint(tmp_path / "model")
    first = JointLikeness(path, digest, tmp_path, threads=1).meaning("red")
    (kept,) = (tmp_path / "models").glob("axes-*.npy")
    made = kept.stat().st_mtime_ns
    assert (JointLikeness(path, digest, tmp_path, threads=1).meaning("red") == first).all()
    assert kept.stat().st_mtime_ns == made
    kept.write_bytes(b"\x93NUMPY")
    again = JointLikeness(path, digest, tmp_path, threads=1).meaning("red")
    assert np.allclose(np.abs(again), np.abs(first), atol=1e-4)


@pytest.mark.parametrize(
    "name", ["pictures.xml", "pictures.bin", "texts.bin", "vocab.json", "merges.txt", "joint.yaml"]
)
def test_a_file_that_is_not_the_one_named_is_told(tmp_path: Path, name: str) -> None:
    path, digest = joint(tmp_path / "model")
    (path.parent / name).write_bytes((path.parent / name).read_bytes() + b" ")
    with pytest.raises(Corrupt) as told:
        JointLikeness(path, digest, tmp_path)
    assert told.value.rule == "L20" and name in str(told.value)


@pytest.mark.parametrize("changes", [{"id": "face-embedding"}, {"id": "clip-reid"}, {"id": "age-gender"}])
def test_a_model_that_would_tell_who_somebody_is_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        JointLikeness(*joint(tmp_path / "model", **changes), tmp_path)
    assert refused.value.rule == "L20"


@pytest.mark.parametrize(
    "changes", [{"prompt": "no place"}, {"limits": []}, {"more": 1}, {"pieces": {"kind": "letters"}}]
)
def test_what_is_no_manifest_is_told_with_a_remedy(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as invalid:
        JointLikeness(*joint(tmp_path / "model", **changes), tmp_path)
    assert invalid.value.remedy
    with pytest.raises(Invalid):
        JointLikeness(tmp_path / "nowhere.yaml", "0" * 64, tmp_path)


def test_an_output_that_the_network_lacks_is_told_when_it_is_loaded(tmp_path: Path) -> None:
    path, _ = joint(tmp_path / "model")
    text = path.read_text(encoding="utf-8").replace("image_embeds", "pooled")
    path.write_text(text, encoding="utf-8")
    made = JointLikeness(path, hashlib.sha256(text.encode()).hexdigest(), tmp_path)
    with pytest.raises(Invalid, match="no pooled"):
        made.forms([picture(220, 80)])


def test_texts_of_any_kind_are_cut_into_pieces() -> None:
    numbers = {word: number for number, word in enumerate([*WORDS, "<s>", "</s>"])}
    pieces = BytePairs(numbers, MERGES, "<s>", "</s>", LENGTH)
    begin, end = numbers["<s>"], numbers["</s>"]
    assert pieces.cut("RED  blue") == [begin, numbers["red</w>"], numbers["blue</w>"], end]
    assert pieces.cut("") == [begin, end]
    assert pieces.cut("🚗 '; DROP TABLE") == [begin, *pieces.cut("🚗 '; DROP TABLE")[1:-1], end]
    assert len(pieces.cut("red " * 10_000)) == LENGTH
