"""A hand on mouse and keyboard: does what a person would, and counts what that takes.

Seconds by the keystroke-level model (Card, Moran and Newell, Communications of the ACM 23, 1980): 0.28 s a key for an
average typist, 1.1 s to point, 0.2 s to click, 0.4 s from mouse to keys, 1.35 s to think before each act."""

__all__ = ["Hand"]

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

_KEY_S, _POINT_S, _CLICK_S, _HOME_S, _THINK_S = 0.28, 1.1, 0.2, 0.4, 1.35


@dataclass
class Hand:
    page: Page
    clicks: int = 0
    keys: int = 0
    fields: int = 0
    drags: int = 0

    @property
    def seconds(self) -> float:
        acts = self.clicks + self.fields + self.drags
        pointing = acts * (_POINT_S + _CLICK_S) + self.drags * (_POINT_S + _CLICK_S)
        return acts * _THINK_S + pointing + self.fields * 2 * _HOME_S + self.keys * _KEY_S

    def click(self, what: Locator, **how: Any) -> None:
        self.clicks += 1
        what.click(**how)

    def check(self, what: Locator) -> None:
        if not what.is_checked():
            self.clicks += 1
            what.check()

    def fill(self, what: Locator, text: str) -> None:
        self.fields += 1
        self.keys += len(text)
        what.fill(text)

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def drag(self, what: Locator, share: float) -> None:
        """From where the mouse is put down on it, in the middle, to that share of its width."""
        self.drags += 1
        box = what.bounding_box()
        assert box is not None
        y = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + box["width"] / 2, y)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] * share, y, steps=8)
        self.page.mouse.up()
