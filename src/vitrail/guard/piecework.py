"""The footage of a bundle, taken out piece by piece: recordings as they are, and masked copies (law.md L30).

Each file appears under its own name only when it is whole, with what is to be said of it beside it: work that was cut
off (a full disk, a power cut) goes on where it stopped.
"""

__all__ = ["Piecework", "Reel"]

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vitrail.domain.bundles import Bundle, Part, Piece, View
from vitrail.domain.errors import NotFound
from vitrail.domain.recordings import Segment
from vitrail.domain.time import MINUTE_US, Interval, iso
from vitrail.guard.audit import plain
from vitrail.guard.render import Renderer, Shot, Shown
from vitrail.ports.beside import Beside
from vitrail.ports.bundles import Press

_VIEW_US = 2 * MINUTE_US
"""A masked copy is made in files of at most this, so that little is lost when the work is cut off."""

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Reel:
    """One camera over one span, with what is recorded of it."""

    part: Part
    segments: tuple[Segment, ...]


class Piecework:
    """``beside`` does several masked copies at once."""

    def __init__(self, renderer: Renderer, press: Press, beside: Beside) -> None:
        self._renderer = renderer
        self._press = press
        self._beside = beside

    def take(
        self,
        folder: Path,
        bundle: Bundle,
        reels: list[Reel],
        words: tuple[str, ...],
        progress: Progress,
        still: Callable[[], None],
    ) -> list[Piece]:
        """``still`` is asked before each piece, and raises when no more may be made."""
        jobs = [(reel, span) for reel in reels for span in _spans(reel.part.interval)]
        shares = [0.0] * len(jobs)

        def work(number: int, reel: Reel, span: Interval) -> Callable[[], list[Piece]]:
            def told(share: float) -> None:
                shares[number] = share
                progress(sum(shares) / len(shares))

            def taken() -> list[Piece]:
                still()
                return self._taken(folder, bundle, reel, span, words, told)

            return taken

        found = self._beside([work(number, *job) for number, job in enumerate(jobs)])
        progress(1.0)
        return [piece for pieces in found for piece in pieces]

    def _taken(
        self, folder: Path, bundle: Bundle, reel: Reel, span: Interval, words: tuple[str, ...], progress: Progress
    ) -> list[Piece]:
        pieces = self._originals(folder, reel, span) if bundle.originals else []
        copy = self._view(folder, bundle, reel, span, words, progress)
        progress(1.0)
        return [*pieces, copy] if copy else pieces

    def _originals(self, folder: Path, reel: Reel, span: Interval) -> list[Piece]:
        found = []
        for segment in reel.segments:
            low, high = max(span.start_us, segment.interval.start_us), span.end_us
            if segment.interval.start_us >= span.end_us or (segment.sealed and segment.interval.end_us <= low):
                continue
            piece = self._original(folder, segment, Interval(low, high))
            found += [piece] if piece else []
        return found

    def _original(self, folder: Path, segment: Segment, span: Interval) -> Piece | None:
        name = f"original/{segment.camera_id}/{_stamp(span.start_us)}-{segment.id[:12]}.mp4"
        known = _known(folder / name)
        if known:
            return known
        fresh = _fresh(folder / name)
        made = self._renderer.original(segment, span, fresh)
        if made is None:
            fresh.unlink(missing_ok=True)
            return None
        camera, recorded = segment.camera_id, segment.sha256
        piece = Piece(name, "original", camera, made.interval, segment.id, made.whole, recorded, made.pictures)
        return _kept(folder / name, fresh, piece)

    def _view(
        self, folder: Path, bundle: Bundle, reel: Reel, span: Interval, words: tuple[str, ...], progress: Progress
    ) -> Piece | None:
        camera_id = reel.part.camera_id
        name = f"masked/{camera_id}/{_stamp(span.start_us)}.mp4"
        known = _known(folder / name)
        if known or not reel.segments:
            return known
        fresh = _fresh(folder / name)
        shown = Shown(None, words, bundle.until_us)
        with contextlib.suppress(NotFound):
            count = self._renderer.view(fresh, Shot(reel.segments, span), shown, bundle.view is View.KEYS, progress)
            self._press.credential(fresh, f"{camera_id} {iso(span.start_us)}, masked")
            return _kept(folder / name, fresh, Piece(name, "masked", camera_id, span, pictures=count))
        return None


def _spans(interval: Interval) -> list[Interval]:
    steps = range(interval.start_us, interval.end_us, _VIEW_US)
    return [Interval(at_us, min(at_us + _VIEW_US, interval.end_us)) for at_us in steps]


def _stamp(at_us: int) -> str:
    return iso(at_us)[:23].replace("-", "").replace(":", "").replace(".", "-")


def _fresh(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    fresh.unlink(missing_ok=True)
    return fresh


def _kept(path: Path, fresh: Path, piece: Piece) -> Piece:
    """On the disk before it appears; what is said of it lies beside it by then."""
    path.with_suffix(".json").write_text(json.dumps(plain(piece)), encoding="utf-8")
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(path)
    return piece


def _known(path: Path) -> Piece | None:
    """A piece that was finished before the work was cut off."""
    if not path.is_file():
        return None
    said = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return Piece(**{**said, "interval": Interval(**said["interval"])})
