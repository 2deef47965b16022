"""Sounds that nothing is learned from, heard through the product's own listening: what thresholds are set on.

    apt-get download freeciv-data warmux-data hedgewars-data wesnoth-1.16-data scorched3d-data bzflag-data \
        alienblaster-data freedroidrpg-data tuxpaint-data megaglest-data minetest-mod-homedecor
    python -m tools.sound.heard --packages FOLDER --out heard.npz        # each unpacked with dpkg-deb -x into FOLDER

Effects of games by other makers than those that were learned from. Nothing of them is shipped, whatever their licence.
Each is heard once in a quiet room and once in a street at -5 to 15 dB; some ten minutes on one core.
"""

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.models import sound_embedder

from tools.sound.material import decoded
from tools.sound.mixing import street
from vitrail.domain.sound import SoundWindow
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.listening import Listening
from vitrail.pipeline.soundshape import shape_of
from vitrail.pipeline.spectrum import RATE_HZ, Samples, log_mel

_PACKAGES = (
    "freeciv-data", "warmux-data", "hedgewars-data", "wesnoth-1.16-data", "scorched3d-data", "bzflag-data",
    "alienblaster-data", "freedroidrpg-data", "tuxpaint-data", "megaglest-data", "minetest-mod-homedecor",
)  # fmt: skip
_THREATS = (
    ("gunshot", r"stdsounds/Mg|weapons/(shot)?gun\.|Sounds/(gun|minigun|shotgunfire)\.|gunshot|thunderstick\.|"
                r"shoot/(shotgun|machinegun|tripleshot)"),
    ("explosion", r"bzflag.*explosion|alienblaster.*explosion|(Sml|Lrg)Expl|weapons/explosion\d|sounds/explosion|"
                  r"none/.*explosions/(medium|tank|large|small|xlarge)|Sounds/explosion|apoc.*explosions/(tank|exp|met)"),
    ("glass_breaking", r"Glass_Break"),
    ("siren", r"/alarm\."),
    ("scream", r"misc/scream|Scream_Sound|human-(female-|old-)?die"),
)  # fmt: skip
_UNCLEAR = r"expl|gun|shot|blast|bomb|rocket|cannon|scream|die|glass|mortar|grenade|missile|music|siren|laser|plasma|" \
           r"shoot|taunt|/en/|voices"  # fmt: skip
"""Neither one of ours for certain nor certainly none."""
_OF_EACH = 30
_MOST_S = 4
_STEP = RATE_HZ // 10
_ROOM = 1e-3
_STREET = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Stranger:
    label: str
    samples: Samples


def strangers(packages: Path, dice: np.random.Generator) -> Iterator[Stranger]:
    """Every threat, and of each package so many that are none."""
    for package in _PACKAGES:
        files = sorted(f for f in (packages / package).rglob("*") if f.suffix in (".ogg", ".wav", ".flac"))
        others = 0
        for index in dice.permutation(len(files)):
            name = str(files[index].relative_to(packages))
            label = next((kind for kind, named in _THREATS if re.search(named, name)), "other")
            if label == "other" and (others >= _OF_EACH or re.search(_UNCLEAR, name, re.IGNORECASE)):
                continue
            try:
                sound = decoded(files[index])[: _MOST_S * RATE_HZ]
            except ValueError:  # its title is in no known letters
                continue
            if len(sound) > RATE_HZ // 50 and np.abs(sound).max() > _ROOM:
                others += label == "other"
                yield Stranger(label, sound)


def placed(sound: Samples, dice: np.random.Generator) -> tuple[Samples, Samples]:
    """In a quiet room after two seconds, and in a street after five."""
    loudest = float(np.abs(sound).max())
    room = np.concatenate([np.zeros(2 * RATE_HZ), sound, np.zeros(RATE_HZ)])
    noise = street(dice, 11.0)
    level = float(np.sqrt((sound[np.abs(sound) > loudest / 30] ** 2).mean()))
    part = sound[: len(noise) - 5 * RATE_HZ]
    noise[5 * RATE_HZ : 5 * RATE_HZ + len(part)] += part / level * np.float32(10 ** (dice.uniform(-5, 15) / 20))
    quiet = room + loudest * _ROOM * dice.standard_normal(len(room))
    return quiet.astype(np.float32), (noise * _STREET).clip(-1, 1).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    dice, embedder = np.random.default_rng(1), sound_embedder()
    labels: list[str] = []
    rows: dict[str, list[object]] = {name: [] for name in ("own", "at_s", "rise", "bnd", "emb", "shp")}
    for stranger in strangers(asked.packages, dice):
        for sound in placed(stranger.samples, dice):
            listening = Listening()
            for index in range(len(sound) // _STEP):
                window = SoundWindow("m", index * SECOND_US // 10, 0, sound[index * _STEP : (index + 1) * _STEP])
                if (moment := listening.update(window)) is not None:
                    vector = embedder.embed([log_mel(moment.samples)])[0]
                    found = (len(labels), index / 10, moment.rise_db, moment.bands_out)
                    for name, value in zip(rows, (*found, vector, shape_of(moment.samples)), strict=True):
                        rows[name].append(value)
            labels.append(stranger.label)
    np.savez(asked.out, lab=labels, **{name: np.array(values) for name, values in rows.items()})


if __name__ == "__main__":
    main()
