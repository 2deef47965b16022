"""From damage on a bench to the repaired bench, in Debian's Chromium: a made recording, a real request server.

The camera's hours are made and analysed as a recording, since a bench is judged over hours; everything else is as in a
town: the product's own processes, its database, the city's server, a browser.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.adapters.repairs.conftest import Served, city
from tests.analytics.test_furniture import WHOLE, broken, defaced
from tests.analytics.walls import Image, look_at
from tests.journeys.conftest import faultless, signs_in
from tests.journeys.demo import browser_path, started
from tests.journeys.hand import Hand
from tests.models import detector_model, model_cache
from vitrail import compose

__all__ = ["city"]

pytestmark = pytest.mark.timeout(600)
_PICTURES = os.environ.get("VITRAIL_PICTURES", "")
_EVERY_S, _SCALE = 30, 4


@dataclass
class Town:
    site: Path
    city: Served
    address: str = ""
    account: str = ""
    password: str = ""

    def run(self, *words: str) -> str:
        command = [sys.executable, "-m", "vitrail", *words]
        done = subprocess.run(command, capture_output=True, text=True, env=environ(), timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def environ() -> dict[str, str]:
    return os.environ | {"VITRAIL_CACHE": str(model_cache()), "CITY_KEY": "secret-key"}


def filmed(path: Path, hours: float, spoilt_at: float, before: Image, after: Image) -> Path:
    """A picture every 30 s of wandering light; the bench looks other from the hour ``spoilt_at`` on."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1, options={"preset": "veryfast", "bf": "0", "crf": "18"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        stream.codec_context.gop_size = 1
        for count, scene in enumerate(look_at(lambda h: after if h >= spoilt_at else before, hours)):
            assert scene.picture is not None
            luma = cv2.resize(scene.picture.y, (640, 480), interpolation=cv2.INTER_CUBIC)
            chroma = [np.full((240, 320), value, np.uint8) for value in (116, 139)]
            planes = np.concatenate([luma, *(c.reshape(-1, 640) for c in chroma)])
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(planes), format="yuv420p")
            frame.pts, frame.time_base = count * _EVERY_S, 1
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def made_site(folder: Path, recording: Path, served: Served) -> Path:
    site = folder / "square"
    compose.lab_site(recording, site)
    settings = site / "site.yaml"
    text = settings.read_text(encoding="utf-8")
    head, _, _ = text.partition("    analytics:\n")
    head = head.replace(
        "cameras:\n",
        f"""repairs:
  - id: city
    name: City works
    open311: http://127.0.0.1:{served.port}/v2
    key: ${{CITY_KEY}}
    services: {{damage: "311"}}
    pictures: true
    inside: true
cameras:
""",
    )
    settings.write_text(
        f"""{head}    assets:
      - id: bench
        name: Bench by the fountain
        kind: bench
        corners: [[0.35, 0.5], [0.65, 0.5], [0.65, 0.8], [0.35, 0.8]]
    analytics:
      - analytic: furniture
        purpose: try
        assets: [bench]
        parameters: {{every: 30, looks: 8, learn: 0.6, hours: 0.2}}
""",
        encoding="utf-8",
    )
    mandate = site / "mandates" / "demo.yaml"
    law = mandate.read_text(encoding="utf-8")
    law = re.sub(r"analytic: \w+", "analytic: furniture", law, count=1)
    law = law.replace("retention_hours: 2\n", "retention_hours: 48\n")
    rows = law.splitlines(True)
    cells = [row for row in rows if "analytic:" in row]
    mandate.write_text("".join(row for row in rows if row not in cells[1:]), encoding="utf-8")
    return site


@pytest.fixture
def town(tmp_path: Path, city: Served) -> Iterator[Town]:
    browser_path()
    detector_model()
    recording = filmed(tmp_path / "monday.mp4", 2.2, 1.2, WHOLE, broken())
    made = Town(made_site(tmp_path, recording, city), city)
    begin = (datetime.now(UTC) - timedelta(hours=8)).isoformat(timespec="seconds")
    made.run("analyse", str(recording), "--site", str(made.site), "--start", begin, "--jobs", "1")
    with started(["watch", "--site", str(made.site)], made.site, environ(), tmp_path / "said.txt") as running:
        made.address, made.account, made.password = running.address, running.account, running.password
        yield made


@pytest.fixture
def page(town: Town, browser: Browser) -> Iterator[Page]:
    with faultless(browser, 1280, 900) as page:
        page.goto(f"{town.address}/")
        signs_in(page, town.account, town.password, "the early shift")
        yield page


def kept(page: Page, name: str) -> None:
    """In both languages and themes, on a desk and on a telephone."""
    if not _PICTURES:
        return
    here = page.url
    for language in ("en", "fr"):
        for theme in ("dark", "light"):
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(re.sub(r"(https?://[^/]+).*", rf"\1/look?language={language}&theme={theme}&next=/stop", here))
                page.goto(here)
                page.wait_for_load_state("load")
                page.screenshot(path=str(Path(_PICTURES) / f"{name}-{language}-{theme}-{width}.png"), full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1/look?language=en&theme=auto&next=/stop", here))
    page.goto(here)


def test_from_the_damage_to_the_repaired_bench(page: Page, town: Town, tmp_path: Path) -> None:
    hand = Hand(page)
    expect(page.locator(".card")).to_have_count(1, timeout=30_000)
    page.wait_for_function("() => document.querySelector('[data-live]').hasAttribute('src')")  # the scripts are there
    hand.press("Enter")
    page.wait_for_url(re.compile(r"/alerts/"))
    expect(page.locator(".sides img")).to_have_count(2)
    assert page.evaluate("() => [...document.querySelectorAll('.sides img')].every((p) => p.naturalWidth > 0)")
    kept(page, "alert")
    hand.press("c")
    hand.press("2")
    page.wait_for_url(re.compile(r"/$"), wait_until="domcontentloaded")

    hand.click(page.get_by_role("link", name="Upkeep"))
    expect(page.locator(".things .state").first).to_have_text("damage confirmed")
    for _ in range(40):
        if page.locator(".state.sent").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    (came,) = town.city.lines("came")
    assert came["form"]["description"].startswith("damage to Bench by the fountain (broken)")
    assert bytes.fromhex(came["form"]["media"]).startswith(b"\xff\xd8")
    kept(page, "upkeep")

    hand.press("j")
    hand.press("Enter")
    expect(page.get_by_role("heading", name="Bench by the fountain")).to_be_visible()
    kept(page, "bench")
    hand.press("r")
    page.keyboard.type("new slats")
    hand.press("Enter")
    expect(page.locator(".stands .state")).to_have_text("repaired, being learnt")
    kept(page, "repaired")

    tuesday = filmed(tmp_path / "tuesday.mp4", 1.2, 0.0, WHOLE, defaced())
    begin = (datetime.now(UTC) - timedelta(hours=2)).isoformat(timespec="seconds")
    town.run("analyse", str(tuesday), "--site", str(town.site), "--start", begin, "--jobs", "1")
    page.reload()
    expect(page.locator(".stands .state")).to_have_text("in order")
    expect(page.locator(".history li")).to_have_count(4)
    kept(page, "history")
    assert len(town.city.lines("came")) == 1
    page.goto(f"{town.address}/streams")
    expect(page.get_by_text("not judged")).to_be_visible(timeout=30_000)
    kept(page, "streams")
