"""What the product tells on ordinary films, and the rates that follow."""

__all__ = ["Alarm", "Film", "by_place", "curve", "figures", "interval", "judged"]

import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from _ordinary import FPS, LENGTH_S, Form, Image, Source, film_of, shown
from scipy.stats import chi2

from _data import Watched, watched
from composite.reel import picture_of, write_reel
from vitrail.adapters.openvino import load_nanodet
from vitrail.analytics.fall import MANIFEST as FALL
from vitrail.domain.calibration import Calibration, KnownHeight, calibrate
from vitrail.domain.detections import Label
from vitrail.domain.events import Event, Phase
from vitrail.domain.geometry import Polygon

_TALL_M, _SURE, _CLUES = 1.7, 0.6, 5
_EVERYWHERE = ("fight", "fire", "left_object", "removed_object")
_NO_VEHICLES = ("stopped_vehicle", "vehicle_in_pedestrian_zone")
_PARAMETERS = {
    "left_object": "{seconds: 20}",
    "removed_object": "{seconds: 20, stood: 20}",
    "speed": "{limit: 10, way: 3}",
}
_LOW, _CURVE = 0.5, "curve"
"""The lowest threshold of ``fight`` that a site may set, and the zone in which it stands beside the usual one."""
_THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)


@dataclass(frozen=True, slots=True)
class Alarm:
    analytic: str
    kind: str
    at_s: float
    score: float


@dataclass(frozen=True, slots=True)
class Film:
    """Two minutes of one place. ``ran``: the analytics that watched it. ``peaks``: of ``fight`` at its lowest
    threshold."""

    place: str
    short: bool
    form: int
    ran: tuple[str, ...]
    alarms: tuple[Alarm, ...]
    peaks: tuple[Alarm, ...]

    def said(self) -> str:
        return ", ".join(f"{a.analytic} at {a.at_s:.0f} s ({a.score:.2f})" for a in self.alarms) or "quiet"


def judged(source: Source, number: int, cache: Path, until: float, failures: Path | None) -> Film | None:
    """None when the time is over."""
    if time.monotonic() > until:
        return None
    cv2.setNumThreads(1)
    pictures = shown(source, Form.of(source.name, number))
    with tempfile.TemporaryDirectory() as folder:
        film = write_reel(Path(folder) / "film.mp4", film_of(pictures), FPS)
        drawn, names = _site(source, pictures, cache)
        told = watched(film, drawn, cache)
    opened = [(e, _alarm(e, told)) for e in told.events if e.phase is Phase.OPENED and e.analytic in names]
    alarms = tuple(alarm for event, alarm in opened if event.place.zone_id != _CURVE)
    if failures:
        _pictured(failures / f"{source.name}-{number}", list(film_of(pictures)), alarms)
    return Film(source.name, source.short, number, tuple(names), alarms, _peaks(told))


def _alarm(event: Event, told: Watched) -> Alarm:
    return Alarm(event.analytic, event.kind, round(told.at(event.interval.end_us), 1), round(event.score, 3))


def _peaks(told: Watched) -> tuple[Alarm, ...]:
    """Each happening's highest score: as it was when it ended, if it ended."""
    best: dict[str, Alarm] = {}
    for event in told.events:
        if event.analytic == "fight" and event.place.zone_id == _CURVE:
            alarm = _alarm(event, told)
            best[event.key] = max(best.get(event.key, alarm), alarm, key=lambda one: one.score)
    return tuple(best.values())


def _pictured(where: Path, film: Sequence[Image], alarms: Iterable[Alarm]) -> None:
    """A second before it was told, and then."""
    where.parent.mkdir(parents=True, exist_ok=True)
    for alarm in alarms:
        looks = [film[min(len(film) - 1, max(0, round((alarm.at_s - back) * FPS)))] for back in (2, 1, 0)]
        cv2.imwrite(f"{where}-{alarm.kind}-{alarm.at_s:.0f}.png", np.concatenate(looks, axis=1))


def _site(source: Source, pictures: Sequence[Image], cache: Path) -> tuple[str, list[str]]:
    """What is drawn on the camera, and which analytics run."""
    names = [name for name in _EVERYWHERE if name not in source.shows]
    names += [name for name in _NO_VEHICLES if source.no_vehicle and name not in source.shows]
    names += ["presence", "line"] if source.nobody or source.no_vehicle else []
    known = _ground(pictures, cache)
    high, low = (0.3 if known else 0.02), 0.98
    text = ""
    if known is not None:
        calibration, text = known
        zone = Polygon(((0.02, high), (0.98, high), (0.98, low), (0.02, low)))
        if calibration.ground.area_m2(zone) is not None:
            flat = calibration.ground.steepest_deg(zone) < FALL.steepest_deg
            able = {"crowd": True, "fall": flat, "speed": source.no_vehicle}
            names += [name for name, can in able.items() if can and name not in source.shows]
    corners = f"[[0.02, {high}], [0.98, {high}], [0.98, {low}], [0.02, {low}]]"
    text += "    zones:\n" + "".join(
        f"      - {{id: {name}, name: {name}, corners: {corners}}}\n" for name in ("part", _CURVE)
    )
    text += "    lines:\n      - {id: middle, name: Middle, from: [0.0, 0.5], to: [1.0, 0.5]}\n    analytics:\n"
    rows = [_row(name, _parameters(name, source)) for name in names]
    if "fight" in names:
        rows.append(_row("fight", f"{{threshold: {_LOW}, usual: 0}}", _CURVE))
    return text + "".join(rows), names


def _parameters(name: str, source: Source) -> str:
    if name in ("presence", "line"):
        return f"{{people: {int(source.nobody)}, vehicles: {int(source.no_vehicle)}}}"
    return _PARAMETERS.get(name, "{}")


def _row(name: str, parameters: str, zone: str = "part") -> str:
    where = "lines: [middle]" if name == "line" else f"zones: [{zone}]"
    return f"      - {{analytic: {name}, purpose: try, {where}, parameters: {parameters}}}\n"


def _ground(pictures: Sequence[Image], cache: Path) -> tuple[Calibration, str] | None:
    """From the heights of those who walk by, in the middle of each part of the picture."""
    detector = load_nanodet(cache, threads=1)
    clues: dict[tuple[int, int], list[tuple[float, KnownHeight]]] = defaultdict(list)
    for image in pictures[:: max(1, len(pictures) // 60)]:
        for x0, y0, x1, y1 in detector.detect([picture_of(image)], _SURE)[0].of(Label.PERSON).boxes.tolist():
            if x0 > 0.02 and y0 > 0.02 and x1 < 0.98 and y1 < 0.97:
                middle = (x0 + x1) / 2
                clue = KnownHeight((middle, y1), (middle, y0), _TALL_M)
                clues[int(y1 * 5), int(middle * 2)].append((y1 - y0, clue))
    middling = [sorted(some, key=lambda pair: pair[0])[len(some) // 2][1] for some in clues.values() if len(some) >= 3]
    if len(middling) < _CLUES:
        return None
    height, width = pictures[0].shape[:2]
    try:
        fitted = calibrate([], middling, width / height)
    except (ValueError, np.linalg.LinAlgError):
        return None
    if fitted.implausible():
        return None
    rows = "".join(
        f"        - {{foot: [{c.foot[0]:.4f}, {c.foot[1]:.4f}], head: [{c.head[0]:.4f}, {c.head[1]:.4f}], "
        f"metres: {c.metres}}}\n"
        for c in middling
    )
    return fitted, f"    ground:\n      picture: [{width}, {height}]\n      heights:\n{rows}"


def interval(count: int, hours: float) -> list[float]:
    """95 % of the rate an hour, exact, for a Poisson count (Garwood)."""
    low = float(chi2.ppf(0.025, 2 * count) / 2) if count else 0.0
    return [round(low / hours, 2), round(float(chi2.ppf(0.975, 2 * count + 2) / 2) / hours, 2)]


def figures(films: Sequence[Film]) -> dict[str, object]:
    """Alarms, hours, rate and interval of each analytic; and of its alarms how many on long recordings."""
    said: dict[str, object] = {"hours": round(len(films) * LENGTH_S / 3600, 2)}
    for name in sorted({name for film in films for name in film.ran}):
        ran = [film for film in films if name in film.ran]
        hours = len(ran) * LENGTH_S / 3600
        count = sum(alarm.analytic == name for film in ran for alarm in film.alarms)
        long = [film for film in ran if not film.short]
        at_long = sum(alarm.analytic == name for film in long for alarm in film.alarms)
        bounds = interval(count, hours)
        places = len({film.place for film in ran})
        rate = f"{count / hours:.2f} an hour ({bounds[0]} to {bounds[1]})"
        print(
            f"{name}: {count} in {hours:.2f} h of {places} places, {rate};"
            f" on long recordings {at_long} in {len(long) * LENGTH_S / 3600:.2f} h"
        )
        said |= {f"{name}_alarms": count, f"{name}_hours": round(hours, 2), f"{name}_places": places}
        said |= {f"{name}_an_hour": round(count / hours, 2), f"{name}_interval": bounds}
        said |= {f"{name}_long_alarms": at_long, f"{name}_long_hours": round(len(long) * LENGTH_S / 3600, 2)}
    return said


def by_place(films: Sequence[Film]) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for place in sorted({film.place for film in films}):
        here = [film for film in films if film.place == place]
        counts: dict[str, int] = defaultdict(int)
        for film in here:
            for alarm in film.alarms:
                counts[alarm.analytic] += 1
        found[place] = {"hours": round(len(here) * LENGTH_S / 3600, 2), **counts}
    return found


def curve(films: Sequence[Film]) -> list[dict[str, object]]:
    """False alarms of ``fight`` an hour for each threshold, as it stands and raised by the place's own past."""
    ran = [film for film in films if "fight" in film.ran]
    hours = len(ran) * LENGTH_S / 3600
    rows: list[dict[str, object]] = []
    for bar in _THRESHOLDS if ran else ():
        told = sum(peak.score >= bar for film in ran for peak in film.peaks)
        raised = sum(peak.score >= max(bar, _usual(film, ran)) for film in ran for peak in film.peaks)
        row = {"threshold": bar, "an_hour": round(told / hours, 2), "interval": interval(told, hours)}
        rows.append(row | {"calibrated_an_hour": round(raised / hours, 2)})
    return rows


def _usual(film: Film, films: Sequence[Film]) -> float:
    """The second highest minute of the other films of the same place; 0 where they show less."""
    minutes: dict[tuple[int, int], float] = defaultdict(float)
    for other in films:
        if other.place == film.place and other.form != film.form:
            for peak in other.peaks:
                key = other.form, int(peak.at_s // 60)
                minutes[key] = max(minutes[key], peak.score)
    return sorted(minutes.values())[-2] if len(minutes) > 1 else 0.0
