"""Damage to made street furniture on real cameras of the composite studio, for many camera-days.

Cameras are those of the studio's test half. A piece is removed, toppled, moved, broken, burnt or defaced; people and
vehicles pass and stand before it, shadows, rain and nights come and go. All figures are composite.
"""

from pathlib import Path

import numpy as np

from _places import HOUR_S, LEARN_H, PACE, START_H, Tally, days_of, judged_days, looked, shown
from composite.decoys import parked
from composite.incidents import Incident, Kind, Painter
from composite.pieces import FURNITURE, HEIGHTS, STATES, changed, piece, put
from composite.plates import Image, Plate
from vitrail.analytics.furniture import Furniture
from vitrail.domain.geometry import Polygon
from vitrail.domain.places import Box
from vitrail.domain.streams import AnalyticSetting, Asset, Camera, DwellingMasks

DAYS, MADE_DAYS = 5.0, 4.0
"""Damage comes in the first four, so that each can be seen by day."""
_NAMES = {"toppled": "moved or toppled", "moved": "moved or toppled"}


def main() -> None:
    judged_days("furniture", __doc__ or "", one)


def one(plate: Plate, data: Path, seed: int) -> Tally:
    """Two pieces, each damaged once; vehicles that come and go before them."""
    tally = Tally(days=DAYS, named=0)
    rng = np.random.default_rng(2000 + seed)
    incidents: list[Incident] = []
    assets: list[Asset] = []
    xs, ys = [x for x, _ in plate.ground], [y for _, y in plate.ground]
    for index in range(2):
        kind, state = FURNITURE[int(rng.integers(len(FURNITURE)))], STATES[(seed * 2 + index) % len(STATES)]
        x = (0.28 if index == 0 else 0.72) * (max(xs) - min(xs)) + min(xs)
        foot = (float(x), float(rng.uniform(0.35, 0.6) * (max(ys) - min(ys)) + min(ys)))
        tall = float(np.clip(HEIGHTS[kind] * (plate.tall[0] + plate.tall[1]) / 2, 0.08, 0.45))
        whole = piece(kind, seed * 10 + index)
        start = (START_H + LEARN_H + rng.uniform(2, 24 * MADE_DAYS)) * HOUR_S
        before, after, box = _painters(plate.clean, whole, state, foot, tall, seed)
        incidents.append(Incident(Kind.FURNITURE, start, 1e12, after, before, state, f"a{index}"))
        assets.append(Asset(f"a{index}", kind, kind, box))
    for _ in range(int(rng.poisson(3))):
        start = (START_H + rng.uniform(0, LEARN_H + 24 * DAYS)) * HOUR_S
        paint = parked(rng.uniform(0.2, 0.8), min(max(ys), 0.98), rng.uniform(0.15, 0.35), seed)
        incidents.append(Incident(Kind.PARKED, start, start + rng.uniform(0.2, 1.5) * HOUR_S, paint))
    camera = Camera("c", "C", (), DwellingMasks("t", "2026-01-01"), assets=tuple(assets))
    names = tuple(asset.id for asset in assets)
    setting = AnalyticSetting("furniture", "upkeep", assets=names, parameters=PACE)
    day = days_of(plate, incidents, seed, DAYS)
    told = looked(day, Furniture(camera, "s", setting))
    boxes = {asset.id: _box(asset.polygon) for asset in assets}
    waiting = {incident.asset: incident for incident in incidents if incident.kind is Kind.FURNITURE}
    tally.happened += len(waiting)
    for alert in told:
        hit = waiting.get(alert.event.place.asset_id or "")
        said = alert.event.measures[0].name
        if hit is None or hit.start_s > alert.at_s:
            tally.false += 1
            tally.repeated += hit is None
            tally.notes.append(f"false on {plate.name} at {alert.at_s / HOUR_S:.1f} h: {alert.event.measures}")
            asset = alert.event.place.asset_id or ""
            caption = f"Told as {said}, and was whole." if hit else "The same damage was told twice."
            tally.failures.append(shown(day, f"furniture-false-{asset}", caption, alert.at_s, told=(boxes[asset],)))
            continue
        del waiting[hit.asset]
        tally.found += 1
        tally.named = (tally.named or 0) + (_NAMES.get(hit.detail, hit.detail) == said)
        tally.hours.append((alert.at_s - hit.start_s) / HOUR_S)
        tally.notes.append(f"{hit.detail} was called {said}")
    for missed in waiting.values():
        at_s = missed.start_s + 6 * HOUR_S
        at_s += max(0.0, 12 * HOUR_S - at_s % (24 * HOUR_S))
        caption = f"A piece that was {missed.detail} was missed."
        name = f"furniture-missed-{missed.asset}"
        tally.failures.append(shown(day, name, caption, at_s, truth=(boxes[missed.asset],)))
    tally.notes += [f"missed on {plate.name}: {i.detail} from {i.start_s / HOUR_S:.1f} h" for i in waiting.values()]
    return tally


def _box(polygon: Polygon) -> Box:
    (x0, y0), _, (x1, y1), _ = polygon.corners
    return x0, y0, x1, y1


def _painters(
    clean: Image, whole: Image, state: str, foot: tuple[float, float], tall: float, seed: int
) -> tuple[Painter, Painter, Polygon]:
    """Before, after, and the outline of the whole piece."""
    after = changed(whole, state, seed)
    away = (foot[0] + 0.12, foot[1]) if state == "moved" else foot

    def before(place: Image):
        return put(place, whole, foot, tall)

    def then(place: Image):
        if after is None:
            return place, np.zeros(place.shape[:2], np.float32)
        low = tall * after.shape[0] / whole.shape[0]
        return put(place, after, away, low)

    alpha = put(clean, whole, foot, tall)[1]
    rows, columns = np.nonzero(alpha > 0.5)
    height, width = alpha.shape
    x0, x1 = columns.min() / width, (columns.max() + 1) / width
    y0, y1 = rows.min() / height, (rows.max() + 1) / height
    box = Polygon(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
    return before, then, box


if __name__ == "__main__":
    main()
