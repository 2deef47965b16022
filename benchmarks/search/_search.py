"""What the benchmarks of search share: a recording made searchable by the product, and a desk in a case over it."""

__all__ = ["Searchable", "searchable"]

import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from vitrail import compose
from vitrail.domain.cases import CaseKind
from vitrail.domain.people import Use
from vitrail.domain.time import DAY_US, HOUR_US, SECOND_US, Interval
from vitrail.guard.desk import Desk


@dataclass(frozen=True, slots=True)
class Searchable:
    """``start_us``: wall time of the recording's first frame; ``took_s``: what analysing it took."""

    desk: Desk
    start_us: int
    took_s: float

    def at(self, wall_us: int) -> float:
        return (wall_us - self.start_us) / SECOND_US


@contextmanager
def searchable(recording: Path, cache: Path) -> Iterator[Searchable]:
    """The whole product on one recording, then a case and a desk over it, as an investigator in the lab has it."""
    compose.ensure_models(cache, lambda _: None)
    with tempfile.TemporaryDirectory() as place:
        site, state = Path(place) / "site", Path(place) / "state"
        compose.lab_site(recording, site)
        start_us = round(time.time()) * SECOND_US - HOUR_US
        took_s = _analysed(recording, site, state, cache, start_us)
        with compose.reading(site, state, {}, cache) as desks:
            made = desks.accounts.first_run(desks.site)
            assert made is not None
            account = made[0]
            window = Interval(start_us - HOUR_US, desks.now_us())
            cameras = frozenset(camera.id for camera in desks.site.cameras)
            case = desks.casework.open(
                account, CaseKind.INQUIRY, "benchmark", "own recording", "measuring", cameras, window, DAY_US
            )
            yield Searchable(desks.reception.open_desk(account, Use.INQUIRE, "measuring", case.id), start_us, took_s)


def _analysed(recording: Path, site: Path, state: Path, cache: Path, start_us: int) -> float:
    text = (site / "site.yaml").read_text(encoding="utf-8")
    text = re.sub(
        r"    analytics:\n(?:      - .*\n)+", "    analytics:\n      - {analytic: sightings, purpose: try}\n", text
    )
    (site / "site.yaml").write_text(text, encoding="utf-8")
    began = time.perf_counter()
    with compose.analysis(recording, site, None, state, cache, {}) as analysis:
        for _ in analysis.steps(start_us, threading.Event()):
            pass
    return time.perf_counter() - began
