"""How tests of media open, record and read back."""

__all__ = ["opened", "recorded"]

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.clock import FakeClock
from vitrail.adapters.av import AvOpener, DiskArchive
from vitrail.adapters.av.source import AvSource
from vitrail.domain.geometry import Polygon
from vitrail.domain.recordings import Segment


def opened(
    path: Path | str,
    start_us: int | None = NOW_US,
    masks: Sequence[Polygon] = (),
    clock: Any = None,
    loop: bool = False,
    label: str = "",
) -> AvSource:
    stream = b.stream(address=str(path), label=label or Path(path).name, loop=loop)
    return AvOpener(clock or FakeClock()).open(stream, masks, b.permit(stream_=stream), start_us)


def recorded(archive: DiskArchive, path: Path, masks: Sequence[Polygon] = ()) -> Segment:
    """The whole file as one sealed segment."""
    with opened(path, masks=masks) as source:
        writer = None
        for packet in source.packets():
            writer = writer or archive.begin(b.permit(), source, source.facts, masks, packet)
            writer.write(packet)
        assert writer is not None
        return writer.seal()
