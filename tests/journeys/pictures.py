"""The handbook's pictures, taken from the demonstration: `make screenshots` writes them into docs/pictures."""

__all__ = ["PAGES", "SHOWN", "taken"]

import os
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Page

_FOLDER = os.environ.get("VITRAIL_SCREENSHOTS", "")
_QUALITY = 74
PAGES: Mapping[str, tuple[str, str]] = {
    "watch": ("/", ".card img[src]"),
    "alert": ("/alerts/{alert}", "video:not([hidden])"),
    "setup": ("/setup/campus", "#board svg"),
    "figures": ("/figures", ".figure"),
    "ledger": ("/ledger", ".rows"),
    "help": ("/help", "#words"),
}
"""By name: the address, and what has to be there before the picture is taken."""
SHOWN: Mapping[str, tuple[str, ...]] = {"watch": (".card img", "[data-live]"), "setup": ("#board img",)}
"""Pictures that have to be loaded too."""


def taken(page: Page, name: str, phone: bool = False) -> bytes:
    """What the window shows now; kept where `make screenshots` asks for it."""
    page.set_viewport_size({"width": 390, "height": 844} if phone else {"width": 1440, "height": 900})
    shot = page.screenshot(type="jpeg", quality=_QUALITY)
    if _FOLDER:
        (Path(_FOLDER) / f"{name}.jpg").write_bytes(shot)
    return shot
