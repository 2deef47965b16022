"""The sound embedding, converted from its author's checkpoint."""

import zipfile
from pathlib import Path

import numpy as np

from tests.models import sound_embedder
from vitrail.adapters.openvino.pth import read_pth
from vitrail.pipeline.spectrum import MEL_BANDS, MEL_FRAMES, RATE_HZ, log_mel


def bang(seed: int, decay_s: float) -> np.ndarray:
    at = np.arange(RATE_HZ) / RATE_HZ
    return (np.random.default_rng(seed).standard_normal(RATE_HZ) * np.exp(-at / decay_s)).astype(np.float32)


def tone(hz: float) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)


def test_bangs_lie_nearer_to_each_other_than_to_tones() -> None:
    sounds = [bang(1, 0.08), bang(2, 0.1), tone(700.0), tone(900.0)]
    found = sound_embedder().embed([log_mel(sound) for sound in sounds])
    assert found.shape == (4, 512)
    near = np.corrcoef(found)
    assert min(near[0, 1], near[2, 3]) > max(near[0, 2], near[0, 3], near[1, 2], near[1, 3])


def test_a_sound_has_the_same_vector_alone_and_among_others() -> None:
    mels = [log_mel(bang(seed, 0.1)) for seed in range(18)]
    together = sound_embedder().embed(mels)
    assert np.allclose(together[17], sound_embedder().embed(mels[17:])[0], atol=1e-3)
    assert len(sound_embedder().embed([])) == 0


def test_the_picture_of_a_sound_does_not_hang_on_how_loud_it_is() -> None:
    sound = bang(3, 0.1)
    assert log_mel(sound).shape == (MEL_FRAMES, MEL_BANDS)
    assert np.allclose(log_mel(sound), log_mel(sound * np.float32(1e-3)), atol=1e-4)
    assert np.isfinite(log_mel(np.zeros(RATE_HZ, np.float32))).all()
    assert np.isfinite(log_mel(np.zeros(0, np.float32))).all()


def test_weights_beside_other_numbers_are_found_and_nothing_of_these_is_made(tmp_path: Path) -> None:
    """A pair of (weights, table), as this checkpoint is; what builds the table's numbers does nothing here."""
    storage = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06tQ"
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00K\x02K\x03\x86K\x03K\x01\x86tR"
    weights = b"}X\x01\x00\x00\x00w" + tensor + b"s"
    number = b"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(X\x02\x00\x00\x00i8K\x00K\x01tRX\x01\x00\x00\x00xtR"
    table = b"}X\x01\x00\x00\x00t" + number + b"s"
    path = tmp_path / "pair.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02" + weights + table + b"\x86.")
        archive.writestr("archive/data/0", np.arange(6, dtype=np.float32).tobytes())
    assert list(read_pth(path)) == ["w"]
