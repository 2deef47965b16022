"""The real press, for pictures that are none: fakes draw no JPEG and no MP4."""

__all__ = ["FakePress"]

from collections.abc import Mapping
from pathlib import Path

from vitrail.adapters.bundle import BundlePress
from vitrail.domain.bundles import Story


class FakePress(BundlePress):
    """``told`` holds what was given to the report."""

    told: Story | None = None

    def report(self, story: Story, stills: Mapping[str, bytes]) -> bytes:
        self.told = story
        return super().report(story, {})

    def credential(self, path: Path, title: str) -> None:
        assert path.exists()
