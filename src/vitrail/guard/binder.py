"""Makes bundles: takes the footage out, tells the story, gathers the proofs, seals it all (law.md L30).

Each file appears under its own name only when it is whole, so that work that was cut off (a full disk, a power cut)
goes on where it stopped.
"""

__all__ = ["CONTENTS", "CUSTODY", "MANIFEST", "Binder"]

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import vitrail
from vitrail.domain.board import BoardSheet
from vitrail.domain.bundles import Bundle, CameraStory, Happening, Part, Piece, Story, View
from vitrail.domain.cases import Case
from vitrail.domain.errors import NotFound, Unavailable
from vitrail.domain.events import AlertQuery
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Grant
from vitrail.domain.recordings import Segment
from vitrail.domain.streams import Site
from vitrail.domain.time import MINUTE_US, SECOND_US, Interval, iso
from vitrail.guard.audit import plain
from vitrail.guard.custody import deeds_of
from vitrail.guard.ledger import Ledger
from vitrail.guard.render import LOOK_AROUND_US, Renderer, Shot, Shown
from vitrail.guard.stories import camera_story
from vitrail.ports.board import BoardRecords
from vitrail.ports.bundles import BundleRecords, Press, Shelf
from vitrail.ports.cases import CaseRecords
from vitrail.ports.clock import Clock
from vitrail.ports.records import AlertRecords, SegmentRecords

CONTENTS, CUSTODY, MANIFEST = "contents.json", "custody.json", "manifest.json"
PIECE_BYTES = 1 << 16
"""Digests of parts so long are kept beside those of whole files: a changed byte is then named to within one of them."""
_VIEW_US = 2 * MINUTE_US
"""A masked copy is made in files of at most this, so that little is lost when the work is cut off."""
_MOST_STILLS = 8
"""Each is looked through as any still is: many of them would cost more than the copies."""
_STILL_PX = 960
_SPARE_BYTES = 1 << 26
_MEDIA = 0.9
"""Share of the work that is film."""

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class _Reel:
    """One camera over one span, with what is recorded of it."""

    part: Part
    segments: tuple[Segment, ...]


class Binder:
    """Thread-safe as far as its renderer is; one bundle is made by one thread at a time."""

    def __init__(
        self,
        renderer: Renderer,
        segments: SegmentRecords,
        alerts: AlertRecords,
        cases: CaseRecords,
        bundles: BundleRecords,
        ledger: Ledger,
        shelf: Shelf,
        press: Press,
        site: Site,
        clock: Clock,
        board: BoardRecords,
    ) -> None:
        self._board = board
        self.bundles = bundles
        self._renderer = renderer
        self._segments = segments
        self._alerts = alerts
        self._cases = cases
        self._ledger = ledger
        self._shelf = shelf
        self._press = press
        self._site = site
        self._clock = clock

    def finished(self, bundle: Bundle) -> Path:
        """Raises ``NotFound``."""
        path = self._shelf.path(bundle.id)
        if bundle.made_us is None or not path.is_file():
            raise NotFound(f"bundle {bundle.id} is not made yet", remedy="make it first")
        return path

    def make(self, grant: Grant, case: Case, bundle: Bundle, progress: Progress) -> Path:
        with contextlib.suppress(NotFound):
            return self.finished(bundle)
        reels = [self._reel(grant, part) for part in bundle.parts]
        if not any(reel.segments for reel in reels):
            raise NotFound("nothing of this footage is kept any more", remedy="it may have been erased on time")
        self._room(bundle, reels)
        folder = self._shelf.folder(bundle.id)
        words = (f"case {case.reference}", f"for {bundle.recipient}", bundle.asked_by, iso(bundle.asked_us)[:10])
        try:
            pieces = list(self._pieces(folder, bundle, reels, words, lambda share: progress(share * _MEDIA)))
            story, stills = self._story(grant, case, bundle, reels, pieces, folder)
            made = self._sealed(folder, bundle, story, stills, grant, lambda share: progress(_MEDIA + share * 0.1))
        except OSError as error:
            what = f"the bundle cannot be written ({error.strerror})"
            raise Unavailable(what, where=bundle.id, remedy="free some disk space, then make it again") from error
        progress(1.0)
        return made

    def _reel(self, grant: Grant, part: Part) -> _Reel:
        camera = self._site.camera(part.camera_id)
        stream = camera.stream_for("record") if camera else None
        wide = Interval(part.interval.start_us - LOOK_AROUND_US, part.interval.end_us + LOOK_AROUND_US)
        return _Reel(part, tuple(self._segments.covering(grant, stream.id, wide)) if stream else ())

    def _room(self, bundle: Bundle, reels: list[_Reel]) -> None:
        """Twice the footage (the parts and the file made of them), said before anything is begun."""
        size = sum(s.size_bytes for reel in reels for s in reel.segments)
        needed = size * (4 if bundle.originals else 2) + _SPARE_BYTES
        free = self._shelf.free_bytes()
        if needed > free:
            what = f"the bundle may need {needed >> 20} MiB, and {free >> 20} MiB are free"
            raise Unavailable(what, where=bundle.id, remedy="free some disk space, or ask for less")

    def _pieces(
        self, folder: Path, bundle: Bundle, reels: list[_Reel], words: tuple[str, ...], progress: Progress
    ) -> Iterator[Piece]:
        jobs = [(reel, span) for reel in reels for span in _spans(reel.part.interval)]
        for number, (reel, span) in enumerate(jobs):
            if bundle.originals:
                yield from self._originals(folder, reel, span)

            def told(share: float, done: int = number) -> None:
                progress((done + share) / len(jobs))

            found = self._view(folder, bundle, reel, span, words, told)
            if found:
                yield found
        progress(1.0)

    def _originals(self, folder: Path, reel: _Reel, span: Interval) -> Iterator[Piece]:
        for segment in reel.segments:
            low, high = max(span.start_us, segment.interval.start_us), span.end_us
            if segment.interval.start_us >= span.end_us or (segment.sealed and segment.interval.end_us <= low):
                continue
            name = f"original/{segment.camera_id}/{_stamp(low)}-{segment.id[:12]}.mp4"
            known = _known(folder / name)
            if known:
                yield known
                continue
            fresh = _fresh(folder / name)
            made = self._renderer.original(segment, Interval(low, high), fresh)
            if made is None:
                fresh.unlink(missing_ok=True)
                continue
            camera, recorded = segment.camera_id, segment.sha256
            piece = Piece(name, "original", camera, made.interval, segment.id, made.whole, recorded, made.pictures)
            yield _kept(folder / name, fresh, piece)

    def _view(
        self, folder: Path, bundle: Bundle, reel: _Reel, span: Interval, words: tuple[str, ...], progress: Progress
    ) -> Piece | None:
        camera_id = reel.part.camera_id
        name = f"masked/{camera_id}/{_stamp(span.start_us)}.mp4"
        known = _known(folder / name)
        if known or not reel.segments:
            return known
        fresh = _fresh(folder / name)
        shown = Shown(None, words, bundle.until_us)
        try:
            count = self._renderer.view(fresh, Shot(reel.segments, span), shown, bundle.view is View.KEYS, progress)
        except NotFound:
            return None
        self._press.credential(fresh, f"{camera_id} {iso(span.start_us)}, masked")
        return _kept(folder / name, fresh, Piece(name, "masked", camera_id, span, pictures=count))

    def _story(
        self, grant: Grant, case: Case, bundle: Bundle, reels: list[_Reel], pieces: list[Piece], folder: Path
    ) -> tuple[Story, Mapping[str, bytes]]:
        happenings, stills = self._happenings(grant, bundle, reels)
        cameras = tuple(
            self._camera(case.id, reels, camera_id) for camera_id in dict.fromkeys(r.part.camera_id for r in reels)
        )
        deeds = deeds_of(self._ledger, case, self._cases, self.bundles)
        made_us = self._clock.now_us()
        where = (self._site.name, self._site.zone)
        return Story(*where, case, bundle, made_us, grant.account_id, cameras, happenings, tuple(pieces), deeds), stills

    def _camera(self, case_id: str, reels: list[_Reel], camera_id: str) -> CameraStory:
        camera = self._site.camera(camera_id)
        assert camera is not None
        own = [reel for reel in reels if reel.part.camera_id == camera_id]
        segments = sorted({s for reel in own for s in reel.segments}, key=lambda s: s.interval.start_us)
        clock = BoardSheet((), tuple(self._board.clocks(case_id))).clock(camera_id)
        return camera_story(camera, tuple(reel.part.interval for reel in own), segments, clock)

    def _happenings(
        self, grant: Grant, bundle: Bundle, reels: list[_Reel]
    ) -> tuple[tuple[Happening, ...], dict[str, bytes]]:
        stills: dict[str, bytes] = {}
        rows: list[Happening] = []
        for alert in self._alerts.find(grant, AlertQuery(limit=500)):
            reel = next((r for r in reels if r.part.camera_id == alert.place.camera_id), None)
            span = _wide(alert.interval)
            if not any(p.camera_id == alert.place.camera_id and p.interval.touches(span) for p in bundle.parts):
                continue
            still = ""
            if reel and reel.segments and len(stills) < _MOST_STILLS:
                still = self._still(stills, f"alert-{alert.id}", reel, alert.interval.start_us)
            words = f"{alert.kind}, {alert.state.value}" + (f": {alert.verdict.reason}" if alert.verdict else "")
            rows.append(Happening("alert", alert.place.camera_id, alert.interval, words, alert.analytic, still))
        for pin in self._board.pins(bundle.case_id):
            reel = next((r for r in reels if r.part.camera_id == pin.camera_id), None)
            if reel is None:
                continue
            offset_us, _, _ = BoardSheet((), tuple(self._board.clocks(bundle.case_id))).clock(pin.camera_id)
            still = (
                self._still(stills, f"pin-{pin.id}", reel, pin.at_us + offset_us) if len(stills) < _MOST_STILLS else ""
            )
            words = f"{pin.thread}: {pin.words}" if pin.thread else pin.words
            kind = "pin" if pin.thread else "note"
            moment = Interval(pin.at_us, pin.at_us)
            rows.append(Happening(kind, pin.camera_id, moment, words, pin.made_by, still))
        return tuple(sorted(rows, key=lambda h: (h.interval.start_us, h.camera_id))), stills

    def _still(self, stills: dict[str, bytes], name: str, reel: _Reel, at_us: int) -> str:
        """The name of the masked picture, or none where nothing was recorded then."""
        shot = Shot(reel.segments, Interval(at_us, at_us + SECOND_US))
        with contextlib.suppress(NotFound):
            data = self._renderer.still(f"bundle-{name}", shot, _STILL_PX, self._clock.now_us())
            stills[f"stills/{name}.jpg"] = data
            return f"stills/{name}.jpg"
        return ""

    def _sealed(
        self,
        folder: Path,
        bundle: Bundle,
        story: Story,
        stills: Mapping[str, bytes],
        grant: Grant,
        progress: Progress,
    ) -> Path:
        files: dict[str, Path | bytes] = {piece.name: folder / piece.name for piece in story.pieces}
        for name, data in stills.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            self._press.credential(path, Path(name).stem)
            files[name] = path
        files |= {"timeline.json": _json({"vitrail": "timeline 1", **_said(story)})}
        files |= {"report.pdf": self._press.report(story, stills), **self._press.papers(story)}
        contents = _json({"vitrail": "contents 1", "piece_bytes": PIECE_BYTES, "files": _digests(files)})
        progress(0.3)
        digest = hashlib.sha256(contents).hexdigest()
        entry = self._ledger.note(
            Operation.COMMUNICATE,
            Outcome.DONE,
            grant.account_id,
            f"bundle:{bundle.id}",
            grant.reason,
            detail=f"contents sha256 {digest}; case {bundle.case_id}",
        )
        head, proven = self._ledger.proven([*(deed.index for deed in story.deeds), entry])
        custody = _json(
            {
                "vitrail": "custody 1",
                "bundle_entry": entry,
                "head": {
                    "size": head.size,
                    "root": head.root.hex(),
                    "at_us": head.at_us,
                    "signature": head.signature.hex(),
                },
                "entries": proven,
            }
        )
        manifest = _json(
            {
                "vitrail": "bundle 1",
                "product": f"vitrail {vitrail.__version__}",
                "site": self._site.id,
                "case": {"id": bundle.case_id, "reference": story.case.reference},
                "bundle": bundle.id,
                "recipient": bundle.recipient,
                "made": iso(story.made_us),
                "public_key": head.public_key.hex(),
                "files": {CONTENTS: _digest(contents), CUSTODY: _digest(custody)},
            }
        )
        signature = self._press.sign(b"vitrail bundle 1\n" + manifest).hex().encode()
        files |= {CONTENTS: contents, CUSTODY: custody, MANIFEST: manifest, "manifest.sig": signature}
        token = self._press.stamp(hashlib.sha256(manifest).digest())
        files |= {"manifest.tsr": token} if token else {}
        out = self._shelf.path(bundle.id)
        sha256 = self._press.bind(out, files, lambda share: progress(0.3 + 0.7 * share))
        made = replace(bundle, made_us=self._clock.now_us(), sha256=sha256, size_bytes=out.stat().st_size)
        self.bundles.put(made)
        self._shelf.tidy(bundle.id)
        return out


def _spans(interval: Interval) -> list[Interval]:
    steps = range(interval.start_us, interval.end_us, _VIEW_US)
    return [Interval(at_us, min(at_us + _VIEW_US, interval.end_us)) for at_us in steps]


def _wide(interval: Interval) -> Interval:
    return Interval(interval.start_us, max(interval.end_us, interval.start_us + 1))


def _stamp(at_us: int) -> str:
    return iso(at_us)[:23].replace("-", "").replace(":", "").replace(".", "-")


def _fresh(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    fresh.unlink(missing_ok=True)
    return fresh


def _kept(path: Path, fresh: Path, piece: Piece) -> Piece:
    """What is said of a piece lies beside it before it appears."""
    path.with_suffix(".json").write_text(json.dumps(plain(piece)), encoding="utf-8")
    fresh.replace(path)
    return piece


def _known(path: Path) -> Piece | None:
    """A piece that was finished before the work was cut off."""
    if not path.is_file():
        return None
    said = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return Piece(**{**said, "interval": Interval(**said["interval"])})


def _said(story: Story) -> Mapping[str, object]:
    said = plain(story)
    assert isinstance(said, dict)
    return said


def _digests(files: Mapping[str, Path | bytes]) -> Mapping[str, object]:
    return {name: _digest(content) for name, content in sorted(files.items())}


def _digest(content: Path | bytes) -> Mapping[str, object]:
    whole, pieces, length = hashlib.sha256(), [], 0
    for piece in _read(content):
        whole.update(piece)
        pieces.append(hashlib.sha256(piece).hexdigest())
        length += len(piece)
    return {"sha256": whole.hexdigest(), "bytes": length, "pieces": pieces if len(pieces) > 1 else []}


def _read(content: Path | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield from (content[at : at + PIECE_BYTES] for at in range(0, len(content), PIECE_BYTES))
        return
    with content.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _json(said: object) -> bytes:
    return (json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
