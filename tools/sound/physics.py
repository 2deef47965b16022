"""Sounds made from what physics says of them; each function gives one random example, mono at 44.1 kHz, about full
scale.

Muzzle blasts are Friedlander pulses (Beck and others, 2011: 0.3 to 4 ms positive phase), supersonic bullets N-waves of
0.1 to 0.5 ms; struck things ring in decaying modes; a scream is a rough voice far above speech (Arnal and others, 2015:
30 to 150 Hz modulation).
"""

__all__ = ["BANGS", "THREATS", "make"]

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, fftconvolve, sosfilt

RATE_HZ = 44_100
Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Dice = np.random.Generator
Maker = Callable[[Dice], Floats]


def make(kind: str, dice: Dice) -> Samples:
    sound = {**THREATS, **BANGS}[kind](dice)
    return (sound / max(float(np.abs(sound).max()), 1e-9)).astype(np.float32)


def _spread(dice: Dice, low: float, high: float) -> float:
    """Log-uniform."""
    return float(np.exp(dice.uniform(np.log(low), np.log(high))))


def _time(seconds: float) -> Floats:
    return np.arange(int(seconds * RATE_HZ)) / RATE_HZ


def _band(sound: Floats, low_hz: float, high_hz: float, order: int = 2) -> Floats:
    edges = [max(low_hz, 20.0), min(high_hz, RATE_HZ / 2 - 200)]
    return np.asarray(sosfilt(butter(order, edges, "bandpass", fs=RATE_HZ, output="sos"), sound))


def _low(sound: Floats, high_hz: float, order: int = 1) -> Floats:
    return np.asarray(sosfilt(butter(order, min(high_hz, RATE_HZ / 2 - 200), fs=RATE_HZ, output="sos"), sound))


def _place(into: Floats, sound: Floats, at_s: float, gain: float = 1.0) -> None:
    start = int(at_s * RATE_HZ)
    end = min(len(into), start + len(sound))
    if 0 <= start < end:
        into[start:end] += gain * sound[: end - start]


def tail(dice: Dice, seconds: float, bright_hz: float, dull_hz: float) -> Floats:
    """The answer of a street, a valley or a hall: sparse early echoes, then noise that dies away, highs first."""
    t = _time(min(3.0, 1.2 * seconds))
    bright = _low(dice.standard_normal(len(t)), bright_hz) * np.exp(-6.9 * t / (0.5 * seconds))
    dull = _low(dice.standard_normal(len(t)), dull_hz) * np.exp(-6.9 * t / seconds)
    late = bright / (np.abs(bright).max() + 1e-9) + dull / (np.abs(dull).max() + 1e-9) * dice.uniform(0.5, 2.0)
    late *= np.clip(t / dice.uniform(0.005, 0.08), 0.0, 1.0)
    answer = late * dice.uniform(0.01, 0.12)
    for _ in range(dice.integers(2, 9)):
        at = int(_spread(dice, 0.002, 0.35) * RATE_HZ)
        if at < len(answer):
            answer[at] += dice.uniform(-0.7, 0.7) * np.exp(-at / RATE_HZ / 0.15)
    answer[0] = 1.0
    return answer


def _blast(dice: Dice, low_ms: float, high_ms: float) -> Floats:
    """Friedlander: a jump, then pressure that falls through zero after ``width`` and comes back."""
    width = _spread(dice, low_ms, high_ms) / 1000
    t = _time(width * 12 + 0.002)
    pulse = (1 - t / width) * np.exp(-dice.uniform(0.8, 2.0) * t / width)
    noise = dice.standard_normal(len(t)) * np.exp(-t / (3 * width)) * dice.uniform(0.05, 0.4)
    return np.asarray(pulse + noise)


def _shot(dice: Dice) -> Floats:
    """One shot at the microphone, without the place around it: bullet, muzzle, ground, the gun's own parts."""
    out = np.zeros(int(0.5 * RATE_HZ))
    muzzle = _spread(dice, 0.001, 0.15) if dice.random() < 0.35 else 0.0
    if muzzle:
        width = int(_spread(dice, 0.0001, 0.0005) * RATE_HZ) + 3
        _place(out, np.linspace(1, -1, width), 0.0, dice.uniform(0.3, 2.0))
    pulse = _blast(dice, 0.15, 1.8)
    _place(out, pulse, muzzle)
    _place(out, _low(pulse, dice.uniform(800, 6000)), muzzle + _spread(dice, 0.0005, 0.012), dice.uniform(-0.7, 0.8))
    gas = _low(dice.standard_normal(len(out)), _spread(dice, 300, 5000)) * np.exp(
        -_time(0.5) / _spread(dice, 0.01, 0.09)
    )
    _place(out, gas / np.abs(gas).max(), muzzle, dice.uniform(0.1, 0.9))
    for _ in range(dice.integers(0, 4)):
        _place(out, _modes(dice, 1500, 9000, 4, 0.02), muzzle + dice.uniform(0.01, 0.12), dice.uniform(0.01, 0.12))
    return _low(out, _spread(dice, 4000, 20000))


def gunshot(dice: Dice) -> Floats:
    """One shot, several, or a burst, in a place."""
    count, step = 1, 0.0
    if dice.random() < 0.45:
        burst = dice.random() < 0.5
        count = int(dice.integers(2, 9 if burst else 5))
        step = 60 / dice.uniform(450, 950) if burst else dice.uniform(0.18, 0.7)
    out = np.zeros(int((0.6 + count * step) * RATE_HZ))
    one = _shot(dice)
    for index in range(count):
        _place(out, one, index * step * dice.uniform(0.97, 1.03), dice.uniform(0.8, 1.0))
    place = tail(dice, _spread(dice, 0.15, 2.5), _spread(dice, 3000, 14000), _spread(dice, 300, 2500))
    return np.asarray(fftconvolve(out, place))[: int(3.5 * RATE_HZ)]


def explosion(dice: Dice) -> Floats:
    """A blast of tens of milliseconds, rumble behind it, debris."""
    out = np.zeros(int(3.0 * RATE_HZ))
    _place(out, _blast(dice, 4, 40), 0.0)
    t = _time(3.0)
    rumble = _low(dice.standard_normal(len(t)), _spread(dice, 60, 500), 2) * np.exp(-t / _spread(dice, 0.25, 1.2))
    _place(out, rumble / np.abs(rumble).max(), 0.0, dice.uniform(0.4, 1.2))
    hiss = _low(dice.standard_normal(len(t)), _spread(dice, 1000, 6000)) * np.exp(-t / _spread(dice, 0.05, 0.5))
    _place(out, hiss / np.abs(hiss).max(), 0.0, dice.uniform(0.1, 0.6))
    for _ in range(dice.integers(0, 25)):
        _place(out, _modes(dice, 500, 8000, 3, 0.03), dice.uniform(0.2, 2.0), dice.uniform(0.01, 0.1))
    return np.asarray(fftconvolve(out, tail(dice, _spread(dice, 0.5, 3.0), 4000, 400)))[: int(3.5 * RATE_HZ)]


def _modes(dice: Dice, low_hz: float, high_hz: float, count: int, decay_s: float) -> Floats:
    t = _time(min(2.0, decay_s * 7))
    out = np.zeros(len(t))
    for _ in range(count):
        hz = _spread(dice, low_hz, high_hz)
        fade = decay_s * dice.uniform(0.3, 1.0) * (low_hz / hz) ** 0.3
        out += dice.uniform(0.2, 1.0) * np.exp(-t / fade) * np.sin(2 * np.pi * hz * t + dice.uniform(0, 6.28))
    return out / (np.abs(out).max() + 1e-9)


def glass(dice: Dice) -> Floats:
    """A dull hit, then many bright fragments that ring and fall."""
    out = np.zeros(int(2.5 * RATE_HZ))
    _place(out, _modes(dice, 150, 900, 5, 0.05), 0.0, dice.uniform(0.1, 0.8))
    crack = _band(dice.standard_normal(int(0.12 * RATE_HZ)), 2000, 16000)
    _place(out, crack * np.exp(-_time(0.12) / _spread(dice, 0.005, 0.05)), 0.0, dice.uniform(0.1, 0.5))
    spread_s = _spread(dice, 0.08, 0.6)
    for _ in range(dice.integers(25, 160)):
        piece = _modes(dice, 2200, 15000, int(dice.integers(2, 6)), _spread(dice, 0.008, 0.12))
        _place(out, piece, dice.exponential(spread_s), _spread(dice, 0.03, 0.5))
    return _room(dice, out)


def _voice(dice: Dice, pitch: Floats, rough: float, formants: list[float]) -> Floats:
    phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    shake = rough * np.sin(
        2 * np.pi * np.cumsum(dice.uniform(30, 150) + 10 * dice.standard_normal(len(pitch))) / RATE_HZ
    )
    out = np.zeros(len(pitch))
    top = int(min(40, RATE_HZ / 2.2 / pitch.max()))
    tilt = dice.uniform(0.3, 1.1)
    for k in range(1, top + 1):
        out += np.sin(k * phase + shake * k * 0.15) / k**tilt
    out *= 1 + shake
    out += dice.standard_normal(len(out)) * dice.uniform(0.02, 0.5)
    shaped = dice.uniform(0.1, 0.4) * out
    for centre in formants:
        shaped = shaped + _band(out, centre * 0.85, centre * 1.15, 1)
    return np.asarray(shaped)


def _contour(dice: Dice, seconds: float, low_hz: float, high_hz: float, bends: int, jitter: float) -> Floats:
    t = np.linspace(0, 1, int(seconds * RATE_HZ))
    knots = np.exp(dice.uniform(np.log(low_hz), np.log(high_hz), bends))
    curve = np.interp(t, np.linspace(0, 1, bends), knots)
    slow = np.repeat(dice.standard_normal(len(t) // 441 + 1), 441)[: len(t)]
    return np.asarray(curve * (1 + jitter * _low(slow, 40)))


def scream(dice: Dice) -> Floats:
    """High, loud, rough, sustained; pitch rises fast and breaks."""
    seconds = dice.uniform(0.6, 2.2)
    low = _spread(dice, 450, 1100)
    pitch = _contour(dice, seconds, low, low * dice.uniform(1.2, 2.2), int(dice.integers(3, 6)), 0.02)
    pitch[: int(0.1 * len(pitch))] *= np.linspace(dice.uniform(0.6, 1), 1, int(0.1 * len(pitch)))
    formants = [dice.uniform(900, 1500), dice.uniform(1500, 2600), dice.uniform(2800, 4200)]
    sound = _voice(dice, pitch, dice.uniform(0.3, 1.0), formants)
    edge = np.minimum(1.0, np.minimum(_time(seconds)[: len(sound)] / 0.05, np.linspace(8, 0, len(sound))))
    return _room(dice, sound * edge)


def siren(dice: Dice) -> Floats:
    """Two tones, a wail, a yelp, or the beeps of a fire alarm."""
    t = _time(3.0)
    kind = dice.integers(4)
    low = dice.uniform(380, 900)
    if kind == 0:
        pitch = np.where((t / dice.uniform(0.3, 0.9)).astype(int) % 2, low, low * dice.uniform(1.2, 1.45))
    elif kind == 1:
        pitch = low * (1.4 + 0.6 * np.sin(2 * np.pi * t / dice.uniform(2.0, 6.0) + dice.uniform(0, 6.28)))
    elif kind == 2:
        pitch = low * (1 + (t * dice.uniform(2.0, 5.0)) % 1.0)
    else:
        pitch = np.full(len(t), dice.uniform(2300, 3600))
    wave = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    sound = sum(np.sin(k * wave) / k ** dice.uniform(0.6, 2.0) for k in range(1, int(dice.integers(2, 7))))
    if kind == 3:
        sound = sound * ((t / dice.uniform(0.15, 0.6)).astype(int) % 2 == 0)
    return _room(dice, np.asarray(sound))


def _room(dice: Dice, sound: Floats) -> Floats:
    return np.asarray(fftconvolve(sound, tail(dice, _spread(dice, 0.1, 1.5), 6000, 800)))[: int(3.5 * RATE_HZ)]


def knock(dice: Dice) -> Floats:
    """Doors, boxes, car doors, hammers: a thump of a few low modes, wood or metal above, sometimes again."""
    out = np.zeros(int(2.0 * RATE_HZ))
    hit = _modes(dice, 35, 400, int(dice.integers(2, 7)), _spread(dice, 0.015, 0.15))
    body = _modes(dice, 150, 4000, int(dice.integers(5, 25)), _spread(dice, 0.004, 0.08))
    rattle = _low(dice.standard_normal(int(0.4 * RATE_HZ)), _spread(dice, 400, 5000), 2)
    rattle *= np.exp(-_time(0.4) / _spread(dice, 0.01, 0.12)) / np.abs(rattle).max()
    width = _spread(dice, 0.001, 0.03)
    click = _low(dice.standard_normal(int(width * 4 * RATE_HZ)), _spread(dice, 500, 9000))
    times = [0.0, *np.cumsum(dice.uniform(0.03, 0.5, int(dice.integers(0, 4))))]
    for at in times:
        _place(out, hit, at, dice.uniform(0.3, 1.0))
        _place(out, body, at, dice.uniform(0.1, 0.8))
        _place(out, rattle, at, dice.uniform(0.0, 0.9))
        _place(out, click * np.exp(-np.arange(len(click)) / (width * RATE_HZ)), at, dice.uniform(0.05, 0.6))
    return _room(dice, out)


def metal(dice: Dice) -> Floats:
    """Plates, bins, scaffolds: many long modes, tumbling."""
    out = np.zeros(int(2.5 * RATE_HZ))
    for at in np.cumsum([0.0, *dice.exponential(_spread(dice, 0.03, 0.4), int(dice.integers(0, 12)))]):
        ring = _modes(dice, _spread(dice, 150, 900), 9000, int(dice.integers(8, 30)), _spread(dice, 0.05, 0.7))
        _place(out, ring, float(at), dice.uniform(0.2, 1.0))
        _place(out, _band(dice.standard_normal(2000), 500, 9000) * np.exp(-np.arange(2000) / 300), float(at), 0.3)
    return _room(dice, out)


def firework(dice: Dice) -> Floats:
    """A far, dull burst that is slower than a muzzle, often with a whistle before and crackle behind, several at
    once."""
    out = np.zeros(int(3.2 * RATE_HZ))
    if dice.random() < 0.5:
        rise = _contour(dice, dice.uniform(0.3, 0.9), 1500, 5000, 3, 0.01)
        _place(
            out,
            np.sin(2 * np.pi * np.cumsum(rise) / RATE_HZ) * np.linspace(0, 1, len(rise)),
            0.0,
            dice.uniform(0.02, 0.3),
        )
    at = dice.uniform(0.0, 0.6)
    for _ in range(dice.integers(1, 6)):
        _place(out, _low(_blast(dice, 2, 12), _spread(dice, 300, 2500)), at, dice.uniform(0.4, 1.0))
        at += dice.exponential(0.35)
    if dice.random() < 0.6:
        for when in dice.uniform(0.2, 3.0, int(dice.integers(20, 250))):
            _place(out, _blast(dice, 0.1, 0.6), float(when), dice.uniform(0.01, 0.15))
    return np.asarray(fftconvolve(out, tail(dice, _spread(dice, 1.0, 3.5), 1500, 300)))[: int(3.5 * RATE_HZ)]


def thunder(dice: Dice) -> Floats:
    t = _time(3.5)
    swell = np.interp(t, np.linspace(0, 3.5, 9), dice.uniform(0.1, 1.0, 9)) * np.clip(
        t / _spread(dice, 0.01, 0.5), 0, 1
    )
    crack = _low(dice.standard_normal(len(t)), _spread(dice, 500, 4000)) * np.exp(-t / 0.15) * dice.uniform(0.0, 0.5)
    return _low(dice.standard_normal(len(t)), _spread(dice, 60, 400), 2) * swell * 4 + crack


def pop(dice: Dice) -> Floats:
    """Balloons, caps, clapping hands: a short N and little else."""
    out = np.zeros(int(1.5 * RATE_HZ))
    width = int(_spread(dice, 0.0008, 0.006) * RATE_HZ)
    pulse = np.linspace(1, -1, width)
    if dice.random() < 0.5:
        pulse = _band(dice.standard_normal(width * 3), 500, dice.uniform(2500, 7000)) * np.exp(
            -np.arange(width * 3) / width
        )
    for at in np.cumsum([0.0, *dice.uniform(0.1, 0.5, int(dice.integers(0, 5)))]):
        _place(out, pulse, float(at), dice.uniform(0.5, 1.0))
    return _room(dice, out)


def motor(dice: Dice) -> Floats:
    """Engines that run, saw, hammer; backfire now and then."""
    t = _time(3.0)
    turn = _contour(dice, 3.0, 18, 90, 4, 0.02)[: len(t)]
    wave = 2 * np.pi * np.cumsum(turn) / RATE_HZ
    strokes = np.maximum(0, np.sin(wave)) ** dice.uniform(3, 30)
    sound = strokes * _low(dice.standard_normal(len(t)), _spread(dice, 300, 5000)) + 0.2 * np.sin(wave * 2)
    if dice.random() < 0.3:
        _place(sound, _low(_blast(dice, 3, 12), 1500), dice.uniform(0.2, 2.0), float(np.abs(sound).max()) * 2)
    return _room(dice, sound)


def play(dice: Dice) -> Floats:
    """Singing, cheering, playing children: clean voices, lower or with a melody; the trap of scream detectors."""
    seconds = dice.uniform(0.6, 2.5)
    low = _spread(dice, 180, 750)
    steps = int(dice.integers(2, 7))
    notes = low * 2 ** (dice.integers(-3, 8, steps) / 12)
    pitch = np.repeat(notes, int(seconds * RATE_HZ / steps))
    pitch = pitch * (1 + 0.015 * np.sin(2 * np.pi * dice.uniform(4, 7) * np.arange(len(pitch)) / RATE_HZ))
    formants = [dice.uniform(300, 900), dice.uniform(900, 2300), dice.uniform(2300, 3500)]
    sound = _voice(dice, pitch, dice.uniform(0.0, 0.15), formants)
    swell = np.interp(
        np.arange(len(sound)), np.linspace(0, len(sound), 2 * steps + 1), dice.uniform(0.2, 1.0, 2 * steps + 1)
    )
    return _room(dice, sound * swell)


THREATS: Mapping[str, Maker] = {
    "gunshot": gunshot,
    "explosion": explosion,
    "glass_breaking": glass,
    "scream": scream,
    "siren": siren,
}
BANGS: Mapping[str, Maker] = {
    "knock": knock,
    "metal": metal,
    "firework": firework,
    "thunder": thunder,
    "pop": pop,
    "motor": motor,
    "play": play,
}
