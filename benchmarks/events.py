"""Events on two labelled recordings, found by the whole product: six visits to a table, four passing vehicles.

The zone is the one that the labels name; it was drawn before anything was measured. The line stands in the middle of
the picture; two more, a tenth above and below, show how much depends on where it is drawn. The tracker's thresholds
were chosen on these same recordings, so the figures say that the labelled happenings are found, not how it goes
elsewhere.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from _data import Watched, options, say_json, watched
from vitrail.domain.events import Event, Phase

THRESHOLDS = (8, 15, 30)
EXPECTED = {8: (1, 2, 3, 4, 5, 6), 15: (2, 3, 5), 30: ()}
LINES = {"y40": 0.4, "y50": 0.5, "y60": 0.6}
SLACK_S = 0.7
"""The labels' own accuracy."""

_TABLE = """\
    zones:
      - {id: table, name: Table, corners: [[0.43, 0.14], [0.73, 0.14], [0.73, 0.995], [0.43, 0.995]]}
    analytics:
"""
_ROAD = "    lines:\n" + "".join(
    f"      - {{id: {i}, name: {i}, from: [0, {y}], to: [1, {y}]}}\n" for i, y in LINES.items()
)


@dataclass(frozen=True, slots=True)
class Span:
    start_s: float
    end_s: float

    def shared(self, other: "Span") -> float:
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))


def main() -> None:
    given = options(__doc__ or "")
    folder = given.data if (given.data / "labels.json").exists() else given.data / "fixed-camera-video"
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    figures: dict[str, object] = {}
    for name, work in (("one-by-one-person-detection.mp4", dwell), ("car-detection.mp4", passes)):
        if name in labels and (folder / name).is_file():
            figures |= work(folder, labels[name], given.cache)
        else:
            print(f"{name} is not there: the zone and the lines belong to it; left out", flush=True)
    say_json(benchmark="events", **figures)


def dwell(folder: Path, labels: dict, cache: Path) -> dict[str, object]:
    rows = "".join(
        f"      - {{analytic: dwell, purpose: try, zones: [table], parameters: {{seconds: {s}}}}}\n" for s in THRESHOLDS
    )
    seen = watched(folder / "one-by-one-person-detection.mp4", _TABLE + rows, cache)
    visits = [Span(*event["at_table"]) for event in labels["events"]]
    figures: dict[str, object] = {"dwell_times_real": speed(seen, labels)}
    for threshold in THRESHOLDS:
        told = [e for e in seen.events if e.phase is Phase.CLOSED and e.measures[0].threshold == threshold]
        found, extra = matched(visits, [span(seen, event) for event in told])
        right = tuple(found) == EXPECTED[threshold] and not extra
        print(f"dwell >= {threshold} s: visits {list(found)}, extra {extra}, as labelled: {right}")
        for number, got in found.items():
            visit = visits[number - 1]
            print(f"  visit {number}: {got.start_s:.1f}..{got.end_s:.1f} s, label {visit.start_s}..{visit.end_s}")
        figures[f"dwell_{threshold}s_right"] = right
        figures[f"dwell_{threshold}s_found"] = list(found)
    return figures


def passes(folder: Path, labels: dict, cache: Path) -> dict[str, object]:
    row = f"    analytics:\n      - {{analytic: line, purpose: try, lines: [{', '.join(LINES)}]}}\n"
    seen = watched(folder / "car-detection.mp4", _ROAD + row, cache)
    figures: dict[str, object] = {"passes_times_real": speed(seen, labels), "passes_labelled": len(labels["events"])}
    for line_id in LINES:
        told = [e for e in seen.events if e.phase is Phase.OPENED and e.place.line_id == line_id]
        found = 0
        for label in labels["events"]:
            sense = "backward" if label["direction"].startswith("up") else "forward"
            near = [
                e for e in told if label["t_in"] - SLACK_S <= seen.at(e.interval.end_us) <= label["t_out"] + SLACK_S
            ]
            right = [e for e in near if e.measures[0].name.endswith(sense)]
            found += bool(right)
            told = [e for e in told if e not in right[:1]]
            at = f"{seen.at(right[0].interval.end_us):.1f} s" if right else "not found"
            print(f"line {line_id}: {label['colour']} {label['direction']} {label['t_in']}..{label['t_out']} s: {at}")
        print(f"line {line_id}: {found} of {len(labels['events'])}, extra {len(told)}")
        figures |= {f"passes_{line_id}_right": found, f"passes_{line_id}_extra": len(told)}
    return figures


def span(seen: Watched, event: Event) -> Span:
    return Span(seen.at(event.interval.start_us), seen.at(event.interval.end_us))


def matched(visits: list[Span], told: list[Span]) -> tuple[dict[int, Span], int]:
    """Visits by number with the event that covers more than half of them; events that fit none, or one already told."""
    found: dict[int, Span] = {}
    extra = 0
    for got in told:
        fits = [n for n, v in enumerate(visits, 1) if v.shared(got) > 0.5 * (v.end_s - v.start_s) and n not in found]
        if fits:
            found[fits[0]] = got
        else:
            extra += 1
    return dict(sorted(found.items())), extra


def speed(seen: Watched, labels: dict) -> float:
    times = labels["frames"] / labels["fps"] / seen.took_s
    print(f"{seen.looked_at} pictures looked at, {times:.1f} times real time")
    return round(times, 1)


if __name__ == "__main__":
    main()
