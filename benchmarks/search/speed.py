"""How long a whole query takes among made-up sightings: desk, ledger, filters, likeness, ranking; and its memory.

    python benchmarks/search/speed.py [--sightings 1000000] [--cameras 40] [--days 28] [--keep DIR]

Sightings are drawn at random: classes and colours as often as in a street, times over the days, forms around 400
middles. The text model is the real one. The ledger is synced to the disk at every entry, as in the product.
``p95_processor_ms`` is the part that a busy machine does not change. The first round makes the index where there is
none.
"""

import argparse
import json
import resource
import secrets
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import numpy as np

from vitrail import compose
from vitrail.cli.places import cache_folder
from vitrail.compose.seeing import form_maker
from vitrail.domain.cases import CaseKind
from vitrail.domain.people import Use
from vitrail.domain.sightings import CLASSES, COLOURS, FORM_BYTES
from vitrail.domain.time import DAY_US, HOUR_US, Interval

QUERIES = (
    "red car",
    "white van stopped more than a minute",
    "camion bleu hier soir",
    "black suitcase",
    "yellow car between 2 and 4 at night",
    "bus tuesday morning",
    "pink motorcycle",
    "a mattress on the pavement",
    "white car with ladders on the roof",
    "tractor",
    "voiture grise vers la gauche",
    "graffiti with a crown",
    "everything green on friday",
    "camera 7 silver car",
    "incendie",
)
KINDS = {"car": 0.6, "truck": 0.12, "bus": 0.05, "motorcycle": 0.06, "bicycle": 0.06, "suitcase": 0.02,
         "backpack": 0.02, "handbag": 0.01, "view": 0.04, "surface": 0.02}  # fmt: skip
TINTS = (0.22, 0.25, 0.2, 0.08, 0.02, 0.03, 0.04, 0.11, 0.01, 0.01, 0.03)
SUBJECT = {kind: subject for subject, kinds in CLASSES.items() for kind in kinds}
INSERT = """INSERT INTO sighting (mandate_id, subject, kind, stream_id, camera_id, start_us, end_us, score, box, colour,
    colour_share, colour2, colour2_share, zones, path, heading, standing_s, form, erase_after_us, maker)
VALUES ('demo', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
AT_ONCE = 50_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sightings", type=int, default=1_000_000)
    parser.add_argument("--cameras", type=int, default=40)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--keep", type=Path, help="make the sightings there, or use those that are there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = given.keep or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        figures = measured(folder, given)
    print(json.dumps(figures, sort_keys=True))


def measured(folder: Path, given: argparse.Namespace) -> dict[str, object]:
    site, state = folder / "site", folder / "state"
    fresh = not site.exists()
    now_us = round(time.time()) * 1_000_000
    if fresh:
        make_site(site, given.cameras)
        with compose.reading(site, state, {}, cache_folder(None)):
            pass
        began = time.perf_counter()
        fill(state / "vitrail.db", given, now_us)
        print(f"made in {time.perf_counter() - began:.0f} s", flush=True)
    with compose.reading(site, state, {}, cache_folder(None)) as desks:
        account, _ = desks.accounts.first_run(desks.site) or (desks.records.accounts.every()[0], "")
        window = Interval(now_us - given.days * DAY_US, desks.now_us())
        cameras = frozenset(camera.id for camera in desks.site.cameras)
        case = desks.casework.open(
            account, CaseKind.INQUIRY, secrets.token_hex(4), "own", "speed", cameras, window, DAY_US
        )
        desk = desks.reception.open_desk(account, Use.INQUIRE, "measuring speed", case.id)
        began = time.perf_counter()
        for query in QUERIES:
            desk.search(query)
        first_s = time.perf_counter() - began
        took: dict[str, list[float]] = {}
        worked: list[float] = []
        for _ in range(given.rounds):
            for query in QUERIES:
                began, busy = time.perf_counter(), time.process_time()
                desk.search(query)
                worked.append((time.process_time() - busy) * 1000)
                took.setdefault(query, []).append((time.perf_counter() - began) * 1000)
        for query, times in took.items():
            print(f"{np.median(times):8.1f} ms  {query}")
        began = time.perf_counter()
        found = desk.search("red car").results.found[0].sighting
        assert found is not None
        desk.alike(found.id)
        alike_ms = (time.perf_counter() - began) * 1000
    every = np.array([t for times in took.values() for t in times])
    return {
        "sightings": given.sightings,
        "p50_ms": round(float(np.percentile(every, 50)), 1),
        "p95_ms": round(float(np.percentile(every, 95)), 1),
        "p95_processor_ms": round(float(np.percentile(worked, 95)), 1),
        "alike_ms": round(alike_ms, 1),
        "first_round_s": round(first_s, 1),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "database_mb": round((state / "vitrail.db").stat().st_size / 1e6),
        "index_mb": round(sum(p.stat().st_size for p in (state / "likeness").rglob("*.faiss")) / 1e6),
    }


def make_site(site: Path, cameras: int) -> None:
    compose.lab_site(Path("none.mp4"), site)
    text = (site / "site.yaml").read_text(encoding="utf-8")
    head, camera = text[: text.index("  - id: campus")], text[text.index("  - id: campus") :]
    each = [camera.replace("id: campus", f"id: c{i}") for i in range(cameras)]
    each = [re_name(one, i) for i, one in enumerate(each)]
    (site / "site.yaml").write_text(head + "".join(each), encoding="utf-8")
    mandate = site / "mandates" / "demo.yaml"
    text = mandate.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines(True) if "camera: campus" in line]
    many = "".join(row.replace("campus", f"c{i}") for i in range(cameras) for row in rows)
    text = text.replace("".join(rows), many).replace("[campus]", "[" + ", ".join(f"c{i}" for i in range(cameras)) + "]")
    mandate.write_text(text.replace("retention_hours: 2", "retention_hours: 720"), encoding="utf-8")


def re_name(text: str, number: int) -> str:
    lines = text.splitlines(True)
    lines[1] = f"    name: Camera {number}\n"
    return "".join(lines)


def fill(path: Path, given: argparse.Namespace, now_us: int) -> None:
    """Straight into the table, its indexes made afterwards: two minutes for ten million."""
    rng, maker = np.random.default_rng(7), form_maker(cache_folder(None))
    middles = rng.normal(size=(400, FORM_BYTES)).astype(np.float32)
    connection = sqlite3.connect(path)
    for pragma in ("synchronous = OFF", "journal_mode = MEMORY", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}")
    indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'sighting'")
    made_again = [(name, sql) for name, sql in indexes if sql]
    for name, _ in made_again:
        connection.execute(f"DROP INDEX {name}")
    start_us, step_us = now_us - given.days * DAY_US + HOUR_US, (given.days * DAY_US - 2 * HOUR_US) // given.sightings
    for first in range(0, given.sightings, AT_ONCE):
        count = min(AT_ONCE, given.sightings - first)
        at_us = start_us + np.arange(first, first + count) * step_us
        connection.executemany(INSERT, drawn(rng, middles, at_us, given.cameras, now_us + 60 * DAY_US, maker))
        connection.commit()
        print(f"\r{first + count:,} sightings", end="", file=sys.stderr, flush=True)
    for _, sql in made_again:
        connection.execute(sql)
    connection.execute("ANALYZE")
    connection.commit()
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def drawn(
    rng: np.random.Generator, middles: np.ndarray, at_us: np.ndarray, cameras: int, until_us: int, maker: str
) -> Iterator:
    """Rows of sightings that began at ``at_us``, column by column."""
    n, kinds, shares = len(at_us), list(KINDS), np.array(list(KINDS.values()))
    kind = rng.choice(len(kinds), n, p=shares / shares.sum())
    tint = rng.choice(len(COLOURS), (n, 2), p=np.array(TINTS) / sum(TINTS))
    forms = middles[rng.integers(0, len(middles), n)] + rng.standard_normal((n, FORM_BYTES), np.float32) * 0.8
    forms *= 300 / np.linalg.norm(forms, axis=1, keepdims=True)
    steps = np.clip(np.round(forms), -127, 127).astype(np.int8).tobytes()
    standing, camera, two = rng.exponential(8.0, n), rng.integers(0, cameras, n), tint[:, 0] != tint[:, 1]
    tints, ways = np.array(COLOURS, object), ("", "left", "right", "up", "down")
    return zip(
        [SUBJECT[kinds[k]] for k in kind], [kinds[k] for k in kind], [f"c{c}.main" for c in camera],
        [f"c{c}" for c in camera], at_us.tolist(), (at_us + standing * 1e6).astype(np.int64).tolist(),
        rng.random(n).tolist(), repeat("[0.2,0.3,0.4,0.5]"), tints[tint[:, 0]].tolist(),
        (0.4 + 0.5 * rng.random(n)).tolist(), np.where(two, tints[tint[:, 1]], "").tolist(), (0.2 * two).tolist(),
        repeat("[]"), repeat("[[0.3,0.5],[0.4,0.5]]"), [ways[i % 5] for i in range(n)], standing.tolist(),
        [steps[i : i + FORM_BYTES] for i in range(0, n * FORM_BYTES, FORM_BYTES)], repeat(until_us),
        repeat(maker),
    )  # fmt: skip


if __name__ == "__main__":
    main()
