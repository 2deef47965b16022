"""Embedders on real pictures and texts, and the readers of the files their weights come in."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.adapters.openvino.test_detector import street
from tests.models import picture_embedder, place_reader, text_embedder
from vitrail.adapters.openvino.minilm import read_safetensors, read_vocabulary
from vitrail.adapters.openvino.pth import read_pth
from vitrail.adapters.openvino.wordpiece import WordPiece
from vitrail.domain.clearing import Cleared
from vitrail.domain.errors import Corrupt, Refused
from vitrail.domain.frames import Picture
from vitrail.domain.stirs import FlowPicture

NOBODY = np.zeros((0, 4), np.float32)


def cleared(picture: Picture) -> Cleared:
    made = Cleared.of(picture, NOBODY)
    assert made is not None
    return made


def test_the_same_place_a_moment_later_is_nearer_than_another_place() -> None:
    road = [cleared(street("car-detection.mp4", at_s)) for at_s in (1.0, 12.0)]
    table = cleared(street("one-by-one-person-detection.mp4", 1.0))
    rows = picture_embedder().embed([*road, table])
    assert rows.shape == (3, 1280)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-4)
    assert rows[0] @ rows[1] > 0.9 > rows[0] @ rows[2]


def test_a_picture_in_a_batch_is_embedded_as_if_it_were_alone() -> None:
    pictures = [cleared(street("highway_traffic.mp4", at_s)) for at_s in (1.0, 2.0, 3.0)]
    together = picture_embedder().embed(pictures)
    alone = np.concatenate([picture_embedder().embed([one]) for one in pictures])
    assert np.allclose(together, alone, atol=0.02)


def test_nothing_is_embedded_as_nothing() -> None:
    assert picture_embedder().embed([]).shape == (0, 1280)
    assert text_embedder().embed([]).shape == (0, 384)


def test_words_of_one_meaning_are_nearer_than_others() -> None:
    rows = text_embedder().embed(["a red car", "a crimson automobile", "the harvest festival in the village square"])
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-3)
    assert rows[0] @ rows[1] > 0.5 > 0.3 > rows[0] @ rows[2]


def test_short_and_long_texts_go_together_and_come_back_in_order() -> None:
    texts = ["a van", "a white van that stands in front of the kiosk since the early morning", "fire", ""]
    together = text_embedder().embed(texts)
    alone = np.concatenate([text_embedder().embed([text]) for text in texts])
    assert np.allclose(together, alone, atol=0.02)


def test_text_is_cut_into_the_longest_pieces_that_are_known() -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "kiosk", "##s", "un", "##known", ",", "ete"]
    cut = WordPiece(words).cut
    assert cut("Kiosks, Été") == [2, 4, 5, 8, 9, 3]
    assert cut("unknown") == [2, 6, 7, 3]
    assert cut("zebra 🚗 " + "x" * 500) == [2, 1, 1, 1, 3]
    assert len(cut("kiosk " * 10_000)) == 256


def checkpoint(
    path: Path, rebuild: bytes = b"ctorch._utils\n_rebuild_tensor_v2\n", count: int = 6, offset: int = 0
) -> Path:
    """An archive with one tensor ``layer.weight`` of shape (2, 3)."""
    storage = (
        b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK"
        + bytes([count])
        + b"tQ"
    )
    tensor = rebuild + b"(" + storage + b"K" + bytes([offset]) + b"K\x02K\x03\x86K\x03K\x01\x86tR"
    listing = b"\x80\x02}X\x0c\x00\x00\x00layer.weight" + tensor + b"s."
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", listing)
        archive.writestr("archive/data/0", np.arange(6, dtype=np.float32).tobytes())
    return path


def test_a_checkpoint_is_read_without_the_library_that_wrote_it(tmp_path: Path) -> None:
    found = read_pth(checkpoint(tmp_path / "a.pth"))
    assert list(found) == ["layer.weight"]
    assert found["layer.weight"].tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("name", [b"cos\nsystem\n", b"cbuiltins\neval\n", b"cnumpy\nload\n", b"ctorch\nload\n"])
def test_a_checkpoint_that_wants_to_run_something_is_refused(tmp_path: Path, name: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_pth(checkpoint(tmp_path / "a.pth", rebuild=name))
    assert refused.value.rule == "L20"


def test_a_checkpoint_that_reaches_beyond_its_numbers_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(Corrupt):
        read_pth(checkpoint(tmp_path / "a.pth", offset=1))
    with pytest.raises(Corrupt):
        read_pth(checkpoint(tmp_path / "b.pth", count=7))


@pytest.mark.parametrize("held", [b"", b"PK\x03\x04", b"\x80\x02}.", b"not a checkpoint at all"])
def test_what_is_no_checkpoint_is_said_to_be_damaged(tmp_path: Path, held: bytes) -> None:
    path = tmp_path / "a.pth"
    path.write_bytes(held)
    with pytest.raises(Corrupt):
        read_pth(path)


def test_safetensors_are_read_and_damaged_ones_are_said_to_be(tmp_path: Path) -> None:
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    whole = len(header).to_bytes(8, "little") + header + np.array([1, 2], np.float32).tobytes()
    path = tmp_path / "m.safetensors"
    path.write_bytes(whole)
    assert read_safetensors(path)["a"].tolist() == [1, 2]
    for damaged in (whole[:-3], whole[:20], b"", b"\xff" * 64):
        path.write_bytes(damaged)
        with pytest.raises(Corrupt):
            read_safetensors(path)


def test_a_vocabulary_with_a_line_that_is_no_word_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("[CLS]\ntwo words\n")
    with pytest.raises(Corrupt):
        read_vocabulary(path)


def test_a_place_is_read_whole_and_cell_by_cell_where_the_picture_is() -> None:
    wide = cleared(street("car-detection.mp4", 1.0))
    look = place_reader().read(wide)
    assert look.embedding.shape == (1280,) and look.cells.shape[1] == 120
    aspect = wide.picture.height / wide.picture.width
    assert abs(len(look.cells) - 17 * 17 * aspect) < 17
    assert look.parts.shape[1] == 208 and abs(len(look.parts) - 9 * 9 * aspect) < 9
    alike = picture_embedder().embed([wide])[0] @ (look.embedding / np.linalg.norm(look.embedding))
    assert alike > 0.99


def test_two_motions_of_one_shape_are_read_alike_and_another_is_not() -> None:
    def moves(corner: int, pace: float) -> FlowPicture:
        flow = np.zeros((120, 120, 2), np.float32)
        flow[corner : corner + 40, 40:80] = pace
        return FlowPicture.of(flow, flow)

    one, faster, other = (place_reader().stir([moves(*m)]).roots for m in ((40, 2.0), (40, 4.0), (80, 2.0)))
    assert one.shape == (1280,)
    assert np.linalg.norm(one - faster) < 0.5 * np.linalg.norm(one - other)
    both = place_reader().stir([moves(40, 2.0), moves(80, 2.0)]).roots
    assert np.linalg.norm(both - (one + other) / 2) < 0.1 * np.linalg.norm(one - other)
