"""The sound embedding, converted from TensorFlow's own files."""

import numpy as np

from tests.models import sound_embedder
from vitrail.adapters.openvino import SOUND_EMBEDDER, catalogue
from vitrail.adapters.openvino.yamnet import KINDS_AT
from vitrail.pipeline.spectrum import MEL_BANDS, MEL_FRAMES, RATE_HZ, log_mel


def bang(seed: int, decay_s: float) -> np.ndarray:
    at = np.arange(RATE_HZ) / RATE_HZ
    return (np.random.default_rng(seed).standard_normal(RATE_HZ) * np.exp(-at / decay_s)).astype(np.float32)


def tone(hz: float) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)


def test_bangs_lie_nearer_to_each_other_than_to_tones() -> None:
    sounds = [bang(1, 0.08), bang(2, 0.1), tone(700.0), tone(900.0)]
    found = sound_embedder().embed([log_mel(sound) for sound in sounds])
    assert found.shape == (4, 1024 + len(KINDS_AT))
    near = np.corrcoef(found[:, :1024])
    assert min(near[0, 1], near[2, 3]) > max(near[0, 2], near[0, 3], near[1, 2], near[1, 3])


def test_the_kinds_that_it_says_stand_under_their_own_names() -> None:
    wail = tone(1.0) * 0
    at = np.arange(RATE_HZ) / RATE_HZ
    wail = np.sin(2 * np.pi * np.cumsum(700 + 300 * np.sin(2 * np.pi * 2 * at)) / RATE_HZ).astype(np.float32)
    said = dict(zip(KINDS_AT, sound_embedder().embed([log_mel(wail)])[0][1024:], strict=True))
    assert said["siren"] > max(said["gunshot"], said["bark"], said["glass"])
    burst = dict(zip(KINDS_AT, sound_embedder().embed([log_mel(bang(1, 0.05))])[0][1024:], strict=True))
    assert burst["gunshot"] > max(burst["siren"], burst["singing"], burst["scream"])


def test_no_kind_tells_whose_voice_it_is() -> None:
    manifest = next(known for known in catalogue() if known.id == SOUND_EMBEDDER)
    assert manifest.labels == tuple(KINDS_AT)
    assert not {"speech", "male", "female", "child", "baby", "laughter", "crying"} & set(" ".join(KINDS_AT).split())
    assert dict(manifest.outputs) == {"embedding": (1, 1024), "sounds": (1, len(KINDS_AT))}


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
