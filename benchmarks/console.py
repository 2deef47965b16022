"""The console under a whole control room: 100 operators on one server, 10,000 alerts, and how heavy the first page is.

The server is ``vitrail watch`` in a process of its own with one camera (a recording of ``--data``) and 10,000 alerts in
its database, spread over half an hour. Each operator signs in, keeps the line open on which alerts arrive, and asks
for a page every one to three seconds for ``--seconds``: the queue, the list of alerts, an alert, a tile's state. Told:
the 95th percentile of each page, of pages deep in the list, and, in the same run, of a file that is only read from
disk, which no page can beat. With Chromium on the machine: how long the first page takes until it can be used; how long
an alert of the camera takes from its row in the database to its card on that page, with nobody else there; and how long
frames take while the list of alerts is scrolled.
"""

import asyncio
import itertools
import os
import random
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from _data import options, say_json
from _footage import recording_of
from vitrail import compose
from vitrail.compose.rooms import Rooms
from vitrail.domain.events import Alert, AlertState, Measure, Place
from vitrail.domain.people import Account, Role
from vitrail.domain.time import DAY_US, MINUTE_US, SECOND_US, Interval

_ALERTS, _WAITING, _SPAN_US = 10_000, 40, 30 * MINUTE_US
_PASSWORD, _YEAR_US = "a benchmark's own words", 365 * DAY_US
_READY_S = 120.0
_SHOWN, _SHOWN_S = 5, 75.0
Times = dict[str, list[float]]


def main() -> None:
    given = options(
        __doc__ or "",
        ("--operators", {"type": int, "default": 100}),
        ("--seconds", {"type": float, "default": 40.0}),
    )
    compose.ensure_models(given.cache, print)
    recording, _ = recording_of(given.data)
    with tempfile.TemporaryDirectory() as name:
        site = Path(name) / "site"
        compose.lab_site(recording, site)
        told = (site / "site.yaml").read_text(encoding="utf-8")
        (site / "site.yaml").write_text(told.replace("seconds: 20", "seconds: 1"), encoding="utf-8")
        names = filled(site, given.cache, given.more.operators)
        with served(site, given.cache) as address:
            figures = asyncio.run(crowded(address, names, given.more.seconds))
            figures |= in_a_browser(address, names[0], site)
    say_json(benchmark="console", operators=given.more.operators, alerts=_ALERTS, **figures)


def filled(site: Path, cache: Path, operators: int) -> list[str]:
    """Accounts and alerts as they would have come about; the accounts' names."""
    names = [f"operator{n:03}" for n in range(operators)]
    with ExitStack() as stack:
        rooms = Rooms(compose.read_site(site, {}), site / ".vitrail", cache, stack)
        first = rooms.accounts.first_run(rooms.site)
        assert first is not None
        now_us, reach = rooms.clock.now_us(), rooms.site.device_ids()
        for name in names:
            one = Account(name, name, Role.OPERATOR, "", reach, now_us + _YEAR_US, now_us)
            rooms.accounts.add(one, _PASSWORD, by=first[0].id, reason="a benchmark")
        camera = rooms.site.cameras[0]
        rooms.eraser().sweep()
        permit = rooms.gatekeeper.permit(camera.id, camera.streams[0].id)
        where = (camera.id, camera.streams[0].id, permit.mandate_id)
        for number in range(_ALERTS):
            start_us = now_us - _SPAN_US + number * (_SPAN_US // _ALERTS)
            rooms.records.alerts.add(permit, _alert(number, *where, start_us))
    return names


def _alert(number: int, camera_id: str, stream_id: str, mandate_id: str, start_us: int) -> Alert:
    span = Interval(start_us, start_us + 5 * SECOND_US)
    state = AlertState.OPEN if number >= _ALERTS - _WAITING else AlertState.DISMISSED
    measures = (Measure("seconds inside", 5.0, 1.0, "s"),)
    return Alert(
        id=f"made-{number:06}",
        mandate_id=mandate_id,
        kind="presence",
        analytic="presence",
        version="1.1.0",
        stream_id=stream_id,
        place=Place(camera_id),
        interval=span,
        ongoing=False,
        score=0.8,
        measures=measures,
        evidence=span,
        state=state,
        created_us=start_us,
    )


@contextmanager
def served(site: Path, cache: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "vitrail", "watch", "--site", str(site), "--cache", str(cache), "--port", str(port)]
    with (site / "said.txt").open("w") as log, subprocess.Popen(words, stdout=log, stderr=log) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(round(_READY_S * 4)):
                time.sleep(0.25)
                try:
                    if httpx.get(f"{address}/sign-in").status_code == 200:
                        break
                except httpx.TransportError:
                    if server.poll() is not None:
                        raise SystemExit((site / "said.txt").read_text()[-2000:]) from None
            yield address
        finally:
            server.terminate()


async def crowded(address: str, names: list[str], seconds: float) -> dict[str, object]:
    times: Times = defaultdict(list)
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=60.0, limits=limits) as shared:
        cookies = []
        for name in names:
            cookies.append(await signed_in(shared, name))
        print(f"{len(names)} operators are signed in", flush=True)
        lines = [asyncio.create_task(_line(shared, cookie)) for cookie in cookies]
        until = time.monotonic() + seconds
        await asyncio.gather(*(operator(shared, c, n, until, times) for n, c in enumerate(cookies)))
        for line in lines:
            line.cancel()
        await deep(shared, cookies[0], times)
    every = [took for name, some in times.items() if name not in ("file", "deep") for took in some]
    figures: dict[str, object] = {"pages": len(every), "p95_ms": p95(every), "median_ms": middle(every)}
    print(f"{len(every)} pages, 95 % within {figures['p95_ms']} ms, half within {figures['median_ms']} ms")
    for name, some in sorted(times.items()):
        print(f"  {name}: {len(some)}, 95 % within {p95(some)} ms")
        figures[f"{name}_p95_ms"] = p95(some)
    return figures


async def operator(client: httpx.AsyncClient, cookie: str, number: int, until: float, times: Times) -> None:
    rng = random.Random(number)
    await asyncio.sleep(rng.uniform(0, 2))
    while time.monotonic() < until:
        name, path = rng.choice(
            [
                ("queue", "/queue"),
                ("queue", "/queue"),
                ("alerts", "/alerts"),
                ("alert", f"/alerts/made-{_ALERTS - 1 - rng.randrange(_WAITING):06}"),
                ("tile", "/tiles/campus"),
                ("file", "/static/console.css"),
            ]
        )
        await asked(client, cookie, name, path, times)
        await asyncio.sleep(rng.uniform(1, 3))


async def asked(client: httpx.AsyncClient, cookie: str, name: str, path: str, times: Times) -> str:
    began = time.perf_counter()
    answer = await client.get(path, headers={"cookie": cookie})
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code}")
    times[name].append((time.perf_counter() - began) * 1000)
    return answer.text


async def _line(client: httpx.AsyncClient, cookie: str) -> None:
    async with client.stream("GET", "/events", headers={"cookie": cookie}, timeout=None) as answer:
        async for _ in answer.aiter_bytes():
            pass


async def deep(client: httpx.AsyncClient, cookie: str, times: Times) -> None:
    """The whole list, page after page, as a person who scrolls to its end."""
    path = "/alerts"
    for _ in itertools.count():
        text = await asked(client, cookie, "deep", path, times)
        older = re.search(r'rel="next" href="([^"]+)"', text)
        if older is None:
            return
        path = older[1].replace("&amp;", "&")


async def signed_in(client: httpx.AsyncClient, name: str) -> str:
    async with httpx.AsyncClient(base_url=client.base_url, timeout=60.0) as browser:
        page = (await browser.get("/sign-in")).text
        form = re.search(r'name="form" value="([^"]+)"', page)
        assert form is not None
        words = {"account": name, "password": _PASSWORD, "reason": "a benchmark", "form": form[1]}
        answer = await browser.post("/sign-in", data=words)
        if answer.status_code != 303:
            raise SystemExit(f"{name} cannot sign in: {answer.status_code}")
        return "; ".join(f"{key}={value}" for key, value in browser.cookies.items())


def in_a_browser(address: str, name: str, site: Path) -> dict[str, object]:
    chromium = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        print("no Chromium: the first page is left out")
        return {}
    with sync_playwright() as play:
        page = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"]).new_page()
        page.goto(f"{address}/sign-in")
        page.get_by_label("Account").fill(name)
        page.get_by_label("Password").fill(_PASSWORD)
        page.get_by_label("Reason").fill("a benchmark")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_selector("#queue")
        script = page.evaluate(
            "() => performance.getEntriesByType('resource').filter(e => e.name.includes('.js'))"
            ".reduce((sum, e) => sum + e.decodedBodySize, 0)"
        )
        took = [_usable(page, address) for _ in range(5)]
        print(f"first page: {script} bytes of script, usable after {statistics.median(took):.0f} ms", flush=True)
        visible = shown(page, site)
        frames = scrolled(page, address)
    print(f"alerts are on the page after {visible} ms; scrolling, 95 % of frames take {frames} ms")
    return {
        "script_bytes": script,
        "first_page_ms": round(statistics.median(took)),
        "alerts_shown": len(visible),
        "alert_visible_ms": max(visible, default=None),
        "frame_p95_ms": frames,
    }


def shown(page: Any, site: Path) -> list[int]:
    """Milliseconds from the row of each new alert to its card, for up to ``_SHOWN`` alerts of the camera."""
    page.evaluate(
        "() => { window.seen = {}; const look = () => document.querySelectorAll('.card').forEach("
        "card => { window.seen[card.dataset.alert] ??= Date.now(); }); look();"
        "for (const name in window.seen) window.seen[name] = 0;"
        "new MutationObserver(look).observe(document.getElementById('queue'), { childList: true, subtree: true }); }"
    )
    until, seen = time.monotonic() + _SHOWN_S, dict[str, int]()
    while time.monotonic() < until and len(seen) < _SHOWN:
        page.wait_for_timeout(500)
        told = page.evaluate("() => window.seen").items()
        seen = {name: at for name, at in told if at and not name.startswith("made-")}
    with closing(sqlite3.connect(f"file:{site / '.vitrail' / 'vitrail.db'}?mode=ro", uri=True)) as rows:
        born = dict(rows.execute("SELECT id, created_us FROM alert WHERE id NOT LIKE 'made-%'"))
    return sorted(max(0, at - born[name] // 1000) for name, at in seen.items() if name in born)


def scrolled(page: Any, address: str) -> float:
    """The 95th percentile of the time between two frames while a page of the list is scrolled through, in ms."""
    page.goto(f"{address}/alerts")
    gaps = page.evaluate(
        "() => new Promise(done => { const gaps = []; let last = performance.now(); let left = 120;"
        "const step = now => { gaps.push(now - last); last = now; scrollBy(0, 40);"
        "if (--left) requestAnimationFrame(step); else done(gaps); }; requestAnimationFrame(step); })"
    )
    return round(sorted(gaps)[int(0.95 * (len(gaps) - 1))], 1)


def _usable(page: Any, address: str) -> float:
    page.goto(f"{address}/", wait_until="domcontentloaded")
    return float(page.evaluate("() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"))


def p95(some: list[float]) -> int:
    return round(sorted(some)[int(0.95 * (len(some) - 1))]) if some else 0


def middle(some: list[float]) -> int:
    return round(statistics.median(some)) if some else 0


if __name__ == "__main__":
    os.environ.setdefault("NO_PROXY", "127.0.0.1")
    main()
