"""A place with three microphones and no camera, started as its owner starts it."""

__all__ = ["listening_site"]

import hashlib
import math
import os
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from tools.sound.physics import make

from tests.journeys.demo import Demo, started
from tests.models import model_cache, sound_embedder

_RATE_HZ = 44_100
_EARS = {"north": (0.0, 0.0), "south": (120.0, 0.0), "east": (60.0, 100.0)}
_SHOT = (70.0, 30.0)
_SITE = """
id: quays
name: Three quays
zone: Europe/Paris
languages: [en, fr]
profile: lab
cameras: []
microphones:
"""
_EAR = """
  - id: {name}
    name: Platform {name}
    surroundings: platform
    position: {{latitude: {latitude:.6f}, longitude: {longitude:.6f}}}
    stream: {{address: {name}.wav, loop: true}}
    analytics: [{{analytic: sound, purpose: trial}}]
"""
_MANDATE = """
id: trial
title: Trial on sounds of our own
mode: lab
controller: City of Trial, 1 Main Street
legal_basis: trial on recordings we own
decision:
  body: City council
  number: "1"
  date: 2026-01-01
  url: https://example.org/1
  document: decision.md
  sha256: {digest}
supplier: ourselves
cost: nothing
start: 2026-01-01
end: 2036-01-01
retention_hours: 24
purposes:
  - id: trial
    objective: evaluation
    harm: We do not know yet how often this software is wrong at our place.
    success: Precision above 0.8 over two weeks, judged by hand on every alert.
    review: 2035-01-01
matrix:
"""


def _write(folder: Path, seed: int = 2) -> None:
    """Ten seconds of a quiet place; in it one bang, heard by each microphone when its sound arrives."""
    dice = np.random.default_rng(seed)
    shot = make("gunshot", dice)[: 2 * _RATE_HZ]
    for name, (east, north) in _EARS.items():
        sound = 0.002 * dice.standard_normal(14 * _RATE_HZ)
        start = int((7.0 + math.dist((east, north), _SHOT) / 340.4) * _RATE_HZ)
        sound[start : start + len(shot)] += 0.6 * shot
        with wave.open(str(folder / f"{name}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(_RATE_HZ)
            out.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    rows = [
        _EAR.format(name=name, latitude=48.85 + north / 111_195, longitude=2.35 + east / 73_170)
        for name, (east, north) in _EARS.items()
    ]
    (folder / "site.yaml").write_text(_SITE + "".join(rows), encoding="utf-8")
    (folder / "mandates").mkdir()
    decision = b"We try microphones on sounds of our own.\n"
    (folder / "mandates" / "decision.md").write_bytes(decision)
    pairs = "".join(f"  - {{microphone: {name}, analytic: sound, purpose: trial}}\n" for name in _EARS)
    text = _MANDATE.format(digest=hashlib.sha256(decision).hexdigest()) + pairs
    (folder / "mandates" / "trial.yaml").write_text(text, encoding="utf-8")


@contextmanager
def listening_site(folder: Path) -> Iterator[Demo]:
    """``vitrail watch`` on it, as its own process."""
    sound_embedder()
    site = folder / "site"
    site.mkdir(parents=True)
    _write(site)
    command = ["watch", "--site", str(site), "--state", str(folder / "state")]
    environ = os.environ | {"VITRAIL_CACHE": str(model_cache())}
    with started(command, folder, environ, folder / "said.txt") as running:
        yield running
