"""The listening loop: two seconds in memory, alerts within a second, bad microphones told and not believed, and nothing
kept that speech could be made from."""

import json
import math
import shutil
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.signal import resample_poly

from tests.builders import NOW_US
from tests.fakes.sound import RATE_HZ, bang, hiss, tone, windows
from tests.guard.test_hearing import Listening, mandate
from tests.models import sound_embedder
from vitrail.adapters.sqlite import open_database
from vitrail.analytics.sound import MANIFEST, Sound
from vitrail.domain.events import Event, Findings, Phase, Place
from vitrail.domain.sound import Habit, Hearing, SoundWindow
from vitrail.domain.time import SECOND_US, Interval
from vitrail.pipeline.fitness import Fitness
from vitrail.pipeline.listening import KEPT
from vitrail.pipeline.listening import Listening as Attention
from vitrail.runtime.bus import Bus
from vitrail.runtime.health import HealthBoard
from vitrail.runtime.hearing import HearingLoop, HearingStep, Whereabouts

Samples = np.ndarray


class Nothing:
    """An embedder that knows nothing; counts how often it is asked."""

    manifest = None

    def __init__(self) -> None:
        self.asked = 0

    def embed(self, mels: Sequence[Any]) -> Any:
        self.asked += len(mels)
        return np.zeros((len(mels), 512), np.float32)


class Tells:
    """An analytic that takes whatever stands out for a shot: the worst that storage can meet."""

    MANIFEST = MANIFEST

    def __init__(self) -> None:
        self.heard: list[Hearing] = []
        self.serial = 0
        self.habits = (Habit("gunshot", 7, 1, 0.5),)
        self.recalled: list[Habit] = []

    def recall(self, habits: Sequence[Habit]) -> None:
        self.recalled = list(habits)

    def update(self, hearing: Hearing) -> Findings:
        self.heard.append(hearing)
        if hearing.heard is None:
            return Findings()
        self.serial += 1
        span = Interval(hearing.heard.onset_us, max(hearing.heard.onset_us, hearing.wall_us))
        event = Event(
            f"k{self.serial}",
            Phase.OPENED,
            "gunshot",
            "sound",
            "1.0.0",
            "quay.sound",
            Place.heard("quay"),
            span,
            0.9,
            sound=hearing.heard.trace,
        )
        return Findings((event,))

    def reset(self) -> None: ...

    def finish(self, wall_us: int) -> Findings:
        return Findings()


def listen(
    tmp_path: Path, sound: Samples, analytic: Any, embedder: Any = None, records: Any = None
) -> tuple[list[HearingStep], Any, HealthBoard]:
    listening = Listening(tmp_path, mandate(), heard=windows(sound, NOW_US))
    if records is not None:
        listening.ears.alerts = records.alerts
    ids = iter(range(1000))
    listening.ears.new_id = lambda: f"alert-{next(ids)}"
    board = HealthBoard(Bus())
    microphone = listening.world.site.microphones[0]
    with listening.open() as ear:
        loop = HearingLoop(
            microphone, ear, [analytic], embedder or Nothing(), board, listening.world.clock, Whereabouts((), 0.001)
        )
        steps = list(loop.steps(threading.Event()))
    return steps, listening, board


def placed(sound: Samples, at_s: float, seconds: float = 8.0) -> Samples:
    street = hiss(seconds)
    start = int(at_s * RATE_HZ)
    street[start : start + len(sound)] += sound
    return street


def test_a_bang_is_looked_at_within_a_second_and_its_beginning_is_found(tmp_path: Path) -> None:
    steps, _, _ = listen(tmp_path, placed(bang(), 4.03), Tells())
    told = [(step.wall_us, alert) for step in steps for alert in step.alerts]
    assert told
    first_us, alert = told[0]
    assert abs(alert.interval.start_us - (NOW_US + 4_030_000)) <= 2_000
    assert first_us - (NOW_US + 4_030_000) <= 700_000
    assert alert.sound is not None and max(alert.sound.levels_db) > -30


def test_what_a_place_sounds_like_daily_outlives_a_restart(tmp_path: Path) -> None:
    with open_database(tmp_path / "db") as records:
        first, second = Tells(), Tells()
        for analytic in (first, second):
            listening = Listening(tmp_path / str(id(analytic)), mandate(), heard=windows(hiss(2.0), NOW_US))
            listening.ears.traces = records.alerts
            with listening.open() as ear:
                microphone, clock = listening.world.site.microphones[0], listening.world.clock
                places, board = Whereabouts((), 0.001), HealthBoard(Bus())
                loop = HearingLoop(microphone, ear, [analytic], Nothing(), board, clock, places)  # type: ignore[arg-type]
                list(loop.steps(threading.Event()))
    assert first.recalled == []
    assert second.recalled == list(first.habits)


def test_silence_costs_nothing(tmp_path: Path) -> None:
    embedder = Nothing()
    listen(tmp_path, hiss(20.0), Tells(), embedder)
    assert embedder.asked == 0


def test_no_more_than_two_seconds_are_in_memory() -> None:
    attention = Attention()
    for window in windows(hiss(10.0), NOW_US):
        attention.update(window)
        assert attention.held <= KEPT == 2 * RATE_HZ


def test_a_pause_of_the_stream_forgets_what_was_heard(tmp_path: Path) -> None:
    analytic = Tells()
    listening = Listening(tmp_path, mandate())
    before = windows(hiss(1.0), NOW_US)
    after = [replace(w, session=1) for w in windows(placed(bang(), 0.05, 2.0), NOW_US + 60 * SECOND_US)]
    listening.opener.heard = [*before, *after]
    ids = iter(range(1000))
    listening.ears.new_id = lambda: f"alert-{next(ids)}"
    with listening.open() as ear:
        loop = HearingLoop(
            listening.world.site.microphones[0],
            ear,
            [analytic],
            Nothing(),  # type: ignore[arg-type]
            HealthBoard(Bus()),
            listening.world.clock,
            Whereabouts((), 0.001),
        )
        list(loop.steps(threading.Event()))
    first = next(h for h in analytic.heard if h.wall_us > NOW_US + 30 * SECOND_US)
    assert first.background_db == pytest.approx(first.level_db, abs=3.0)


# bad input


def troubles(sound: Samples, trouble: str = "") -> tuple[str, list[bool]]:
    fitness = Fitness()
    fits = [fitness.update(replace(w, trouble=trouble if i == 1 else "")) for i, w in enumerate(windows(sound, NOW_US))]
    return fitness.problem, fits


def test_a_microphone_that_is_always_overdriven_is_told_and_not_believed() -> None:
    problem, fits = troubles(np.clip(hiss(8.0, 3.0), -1, 1))
    assert "overdriven" in problem and not fits[-1]


def test_one_overdriven_bang_is_still_believed() -> None:
    problem, fits = troubles(np.clip(placed(bang(0.2, 20.0), 4.0), -1, 1))
    assert not problem and all(fits)


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        (hiss(8.0) + np.float32(0.3), "offset"),
        (hiss(15.0, 1e-4) + tone(15.0, 50.0), "hums"),
        (hiss(15.0, 1e-4) + tone(15.0, 60.0) + tone(15.0, 120.0, 0.1), "hums"),
        (np.zeros(15 * RATE_HZ, np.float32), "zeros"),
    ],
)
def test_offset_hum_and_a_dead_line_are_told_and_not_believed(sound: Samples, words: str) -> None:
    problem, fits = troubles(sound)
    assert words in problem and not fits[-1]


def test_a_tone_that_is_no_hum_is_no_trouble() -> None:
    assert troubles(hiss(15.0, 1e-3) + tone(15.0, 440.0)) == ("", [True] * 150)


def telephone(sound: Samples) -> Samples:
    """8 kHz and the A-law of a telephone line."""
    slow = resample_poly(sound.astype(float), 80, 441)
    small = np.sign(slow) * np.log1p(87.6 * np.abs(slow)) / np.log1p(87.6)
    coded = np.sign(small) * np.expm1(np.abs(np.round(small * 127) / 127) * np.log1p(87.6)) / 87.6
    return np.asarray(resample_poly(coded, 441, 80), np.float32)


def test_a_telephones_codec_is_told_and_still_judged() -> None:
    problem, fits = troubles(telephone(hiss(65.0, 0.05)))
    assert "above 4 kHz" in problem and fits[-1]
    assert troubles(hiss(65.0, 0.05))[0] == ""


def test_a_silent_day_is_told_and_nothing_is_heard_in_it(tmp_path: Path) -> None:
    fitness, attention = Fitness(), Attention()
    for minute in range(24 * 60):
        window = SoundWindow("quay.sound", NOW_US + minute * 60 * SECOND_US, 0, hiss(0.1, 1e-5, minute))
        fitness.update(window)
        assert attention.update(window) is None
    assert "almost nothing" in fitness.problem


def test_a_clock_that_jumps_starts_anew_and_tells_no_shot(tmp_path: Path) -> None:
    heard = [w for at in (0, 7_200, -3_600, 5) for w in windows(hiss(3.0, 0.02, 3), NOW_US + at * SECOND_US)]
    listening = Listening(tmp_path, mandate(), heard=heard)
    microphone = listening.world.site.microphones[0]
    analytic, board = Sound(microphone, microphone.analytics[0]), HealthBoard(Bus())
    with listening.open() as ear:
        clock, places = listening.world.clock, Whereabouts((), 0.001)
        loop = HearingLoop(microphone, ear, [analytic], Nothing(), board, clock, places)  # type: ignore[arg-type]
        assert [alert for step in loop.steps(threading.Event()) for alert in step.alerts] == []


def test_an_hour_of_near_silence_is_told() -> None:
    fitness = Fitness()
    window = SoundWindow("quay.sound", NOW_US, 0, hiss(0.1, 1e-5))
    for minute in range(62):
        fit = fitness.update(replace(window, wall_us=NOW_US + minute * 60 * SECOND_US))
    assert "almost nothing" in fitness.problem and fit


def test_a_hole_in_the_stream_is_told_and_its_edges_are_not_judged() -> None:
    fitness = Fitness()
    seen = [
        fitness.update(replace(w, trouble="300 ms were missing" if i == 5 else ""))
        for i, w in enumerate(windows(hiss(3.0), NOW_US))
    ]
    assert seen[4] and not any(seen[5:14]) and seen[-1]


BAD = {
    "clipped": np.clip(hiss(8.0, 2.0), -1, 1),
    "offset that jumps": np.concatenate([hiss(4.0), hiss(4.0) + np.float32(0.4)]),
    "hum": hiss(8.0) + tone(8.0, 50.0),
    "dropouts": np.where(np.arange(8 * RATE_HZ) % 30_000 < 3_000, 0, hiss(8.0, 0.05)).astype(np.float32),
    "telephone": telephone(hiss(8.0, 0.05) * (1 + (np.arange(8 * RATE_HZ) // 22_050) % 2).astype(np.float32)),
    "silence": np.zeros(8 * RATE_HZ, np.float32),
    "a plug pulled and put in": np.concatenate([hiss(3.0), np.zeros(2 * RATE_HZ), hiss(3.0)]).astype(np.float32),
    "one sample at full scale": hiss(8.0) + (np.arange(8 * RATE_HZ) == 4 * RATE_HZ).astype(np.float32),
    "full-scale square wave": np.sign(tone(8.0, 100.0, 1.0)),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_microphone_is_never_an_alert(tmp_path: Path, name: str) -> None:
    listening = Listening(tmp_path, mandate())
    microphone = listening.world.site.microphones[0]
    steps, _, _ = listen(tmp_path, BAD[name], Sound(microphone, microphone.analytics[0]), sound_embedder())
    assert [alert.kind for step in steps for alert in step.alerts] == []


# speech


SENTENCES = (
    "The quick brown fox jumps over the lazy dog.",
    "Rendez vous devant la gare demain matin.",
    "My account number is seven four two nine.",
    "Please do not tell anybody what I told you.",
)


def spoken(sentence: str) -> Samples:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed: apt-get install espeak-ng")
    raw = subprocess.run(["espeak-ng", "--stdout", sentence], capture_output=True, check=True, timeout=30).stdout
    sound = np.frombuffer(raw[44:], "<i2").astype(np.float32) / 32768
    return np.repeat(sound, 2)  # 22.05 kHz to 44.1 kHz is near enough to be understood


def intelligible(clean: Samples, made: Samples) -> float:
    """Short-time objective intelligibility (Taal and others, 2011), without its clipping: 1 is as clear as the
    original, under 0.4 hardly a word is understood."""
    envelopes = []
    for sound in (clean, made):
        frames = np.lib.stride_tricks.sliding_window_view(sound, 1024)[::512] * np.hanning(1024)
        power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
        at = np.fft.rfftfreq(1024, 1 / RATE_HZ)
        centres = 150.0 * 2 ** (np.arange(15) / 3)
        envelopes.append(
            np.sqrt([power[:, (at >= c * 2**-0.1667) & (at < c * 2**0.1667)].sum(axis=1) for c in centres])
        )
    length = 33  # 384 ms
    scores = []
    most = max(float(np.linalg.norm(envelopes[0], axis=0).max()), 1e-9)
    for start in range(0, min(e.shape[1] for e in envelopes) - length, length // 2):
        x, y = (e[:, start : start + length] for e in envelopes)
        if np.linalg.norm(x, axis=0).max() < most / 30:
            continue  # nobody speaks
        x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
        over = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
        scores += list((x * y).sum(axis=1) / np.maximum(over, 1e-12))
    return float(np.mean(scores))


def rebuilt(length: int, start_s: float, levels_db: Sequence[int], bands_db: Sequence[int]) -> Samples:
    """The best that can be made of a trace: noise with its spectrum and its loudness."""
    dice = np.random.default_rng(3)
    spectrum = np.fft.rfft(dice.standard_normal(length))
    at = np.fft.rfftfreq(length, 1 / RATE_HZ)
    bands_hz = 1000.0 * 10 ** (np.arange(-10, 12) / 10)
    gains = np.interp(np.log(np.maximum(at, 1)), np.log(bands_hz), np.array(bands_db, float), -60, -60)
    noise = np.fft.irfft(spectrum * 10 ** (gains / 20), length)
    times = start_s + 0.25 * np.arange(len(levels_db)) + 0.125
    loud = 10 ** (np.interp(np.arange(length) / RATE_HZ, times, levels_db, -90, -90) / 20)
    return (noise / noise.std() * loud).astype(np.float32)


def vocoded(clean: Samples) -> Samples:
    """What a noise vocoder with fifteen bands makes of speech: understood by everybody. It shows that the measure can
    tell."""
    spectrum, noise = np.fft.rfft(clean), np.fft.rfft(np.random.default_rng(4).standard_normal(len(clean)))
    at = np.fft.rfftfreq(len(clean), 1 / RATE_HZ)
    made = np.zeros(len(clean))
    for centre in 150.0 * 2 ** (np.arange(15) / 3):
        inside = (at >= centre * 2**-0.1667) & (at < centre * 2**0.1667)
        band = np.abs(np.fft.irfft(spectrum * inside, len(clean)))
        envelope = np.convolve(band, np.hanning(660) / 330, "same")
        carrier = np.fft.irfft(noise * inside, len(clean))
        made += carrier / max(carrier.std(), 1e-9) * envelope
    return made.astype(np.float32)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_no_word_can_be_made_of_anything_that_is_stored(tmp_path: Path, sentence: str) -> None:
    """Speech is heard, everything that stands out is stored as an alert, and speech is rebuilt from every stored
    byte."""
    speech = spoken(sentence)
    speech = np.pad(speech, (0, -len(speech) % RATE_HZ))  # lengths that are quick to transform
    sound = np.concatenate([hiss(2.0), speech + hiss(30.0)[: len(speech)], hiss(2.0)])
    clean = np.concatenate([np.zeros(2 * RATE_HZ, np.float32), speech, np.zeros(2 * RATE_HZ, np.float32)])
    with open_database(tmp_path / "db") as records:
        listen(tmp_path, sound, Tells(), Nothing(), records)
    import sqlite3

    database = sqlite3.connect(tmp_path / "db" / "vitrail.db")
    rows = database.execute("SELECT sound, start_us, end_us, created_us, measures, score FROM alert").fetchall()
    assert rows, "the speech stood out of nothing: this test tests nothing"
    best = 0.0
    levels: dict[int, int] = {}
    for index, (text, start_us, end_us, *_) in enumerate(rows):
        said = json.loads(text)
        assert set(said) == {"levels_db", "bands_db", "located"}
        for offset_us in (start_us, end_us) if index % max(1, len(rows) // 10) == 0 else ():
            begins_s = (offset_us - NOW_US) / SECOND_US - 0.25 * len(said["levels_db"])
            for late in np.arange(-0.3, 0.7, 0.1):
                made = rebuilt(len(sound), begins_s + late, said["levels_db"], said["bands_db"])
                best = max(best, intelligible(clean, made))
        ends = (end_us - 1) // 250_000 - NOW_US // 250_000
        for back, level in enumerate(reversed(said["levels_db"])):
            levels[ends - back] = level
    whole = [levels.get(i, -90) for i in range(math.ceil(len(sound) / RATE_HZ * 4))]
    best = max(best, intelligible(clean, rebuilt(len(sound), 0.0, whole, said["bands_db"])))
    assert intelligible(clean, vocoded(clean)) > 0.7
    assert best < 0.4


def test_no_file_and_no_column_of_the_product_holds_sound(tmp_path: Path) -> None:
    speech = placed(bang(), 3.0)
    with open_database(tmp_path / "db") as records:
        listen(tmp_path, speech, Tells(), Nothing(), records)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    for path in written:
        held = path.read_bytes()
        for chunk in (speech[:64].tobytes(), (speech[132_300:132_364] * 32767).astype("<i2").tobytes()):
            assert chunk not in held
    assert (
        max((path.stat().st_size for path in written if path.suffix not in (".db", ".db-wal", ".db-shm")), default=0)
        < 4096
    )
