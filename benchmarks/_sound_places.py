"""Shots in a simulated square of 300 m with walls that echo: how far off is the place that is told?"""

__all__ = ["places"]

import math

import numpy as np
from scipy.signal import resample_poly

from _sound import RATE_HZ, Bed, windows
from vitrail.pipeline.listening import Listening
from vitrail.pipeline.multilateration import Arrival, Spot, speed_of_sound, spot_of

SIDE_M = 300.0
_SIM_HZ = 48_000
_LOUD_DB = 6.0
EARS = (("a", 20.0, 20.0), ("b", 280.0, 20.0), ("c", 280.0, 280.0), ("d", 20.0, 280.0), ("e", 150.0, 150.0))


def places(shots: int, clock_s: float, missing: float = 0.1, level_db: float = 20.0) -> dict[str, object]:
    """48 kHz, walls that throw back a third of the sound, traffic under it (the shot peaks ``level_db`` over
    its root of mean power at the farthest microphone),
    clocks off by ``clock_s`` (standard deviation); one microphone in ten is ``missing``."""
    dice = np.random.default_rng(8)
    bed = Bed(dice, kept=3)
    errors, inside, why = [], 0, dict[str, int]()
    for _ in range(shots):
        east, north = dice.uniform(30, 270, 2)
        arrivals = []
        signals = _heard(dice, east, north)
        softest = min(float(np.abs(signal).max()) for signal in signals)
        for (name, x, y), signal in zip(EARS, signals, strict=True):
            if dice.random() < missing:
                continue
            street = bed.street(len(signal) / _SIM_HZ + 4.0)
            sound = np.concatenate([np.zeros(2 * RATE_HZ), resample_poly(signal, RATE_HZ, _SIM_HZ), np.zeros(RATE_HZ)])
            sound = sound / softest + street[: len(sound)] * 10 ** (-level_db / 20)
            onset = _onset((0.03 * sound).astype(np.float32))
            if onset is not None:
                arrivals.append(Arrival(name, x, y, onset + float(dice.normal(0, clock_s))))
        found = spot_of(arrivals, clock_s)
        if not isinstance(found, Spot):
            short = found.why.split(":")[0].split(" by ")[0]
            why[short] = why.get(short, 0) + 1
            continue
        errors.append(math.hypot(found.east_m - east, found.north_m - north))
        inside += _inside(found, east, north)
    return {
        "shots": shots,
        "clock_error_ms": clock_s * 1000,
        "median_error_m": round(float(np.median(errors)), 1) if errors else None,
        "p90_error_m": round(float(np.quantile(errors, 0.9)), 1) if errors else None,
        "inside_the_ellipse": round(int(inside) / max(1, len(errors)), 2),
        "no_answer": why,
    }


def _heard(dice: np.random.Generator, east: float, north: float) -> list[np.ndarray]:
    """A shot 1.5 m above the ground, at five microphones 4 m above it, with the echoes of walls and ground."""
    import pyroomacoustics as pra

    walls = {name: pra.Material(0.67) for name in ("east", "west", "north", "south")}
    walls |= {"ceiling": pra.Material(0.9999), "floor": pra.Material(0.4)}
    room = pra.ShoeBox([SIDE_M, SIDE_M, 60.0], fs=_SIM_HZ, materials=walls, max_order=1, air_absorption=True)
    room.set_sound_speed(speed_of_sound(15.0))
    at = np.arange(int(0.4 * _SIM_HZ)) / _SIM_HZ
    shot = (1 - at / 0.0008) * np.exp(-at / 0.0008)
    shot += 0.3 * dice.standard_normal(len(at)) * np.exp(-at / 0.04)
    room.add_source([east, north, 1.5], signal=shot)
    room.add_microphone_array(np.array([[x, y, 4.0] for _, x, y in EARS]).T)
    room.simulate()
    return list(room.mic_array.signals)


def _inside(found: Spot, east: float, north: float) -> bool:
    turn = math.radians(found.bearing_deg)
    x, y = east - found.east_m, north - found.north_m
    along, across = x * math.sin(turn) + y * math.cos(turn), x * math.cos(turn) - y * math.sin(turn)
    return (along / found.major_m) ** 2 + (across / found.minor_m) ** 2 <= 1


def _onset(sound: np.ndarray) -> float | None:
    listening = Listening()
    for window in windows(sound):
        moment = listening.update(window)
        if moment is not None and moment.rise_db >= _LOUD_DB:
            return moment.onset_us / 1e6
    return None
