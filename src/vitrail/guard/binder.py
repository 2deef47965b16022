"""Makes bundles: takes the footage out, tells the story, gathers the proofs, seals it all (law.md L30)."""

__all__ = ["CONTENTS", "CUSTODY", "MANIFEST", "Binder"]

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import vitrail
from vitrail.domain.bundles import Bundle, Part, Story
from vitrail.domain.cases import Case
from vitrail.domain.errors import NotFound, Unavailable
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Grant
from vitrail.domain.streams import Site
from vitrail.domain.time import Interval, iso
from vitrail.guard.audit import plain
from vitrail.guard.ledger import Ledger
from vitrail.guard.piecework import Piecework, Reel
from vitrail.guard.render import LOOK_AROUND_US
from vitrail.guard.telling import Teller
from vitrail.ports.beside import Beside
from vitrail.ports.bundles import BundleRecords, Press, Shelf
from vitrail.ports.clock import Clock
from vitrail.ports.records import SegmentRecords

CONTENTS, CUSTODY, MANIFEST = "contents.json", "custody.json", "manifest.json"
PIECE_BYTES = 1 << 16
"""Digests of parts so long are kept beside those of whole files: a changed byte is then named to within one of them."""
_SPARE_BYTES = 1 << 26
_MEDIA = 0.9
"""Share of the work that is film."""

Progress = Callable[[float], None]


class Binder:
    """Thread-safe as far as its renderer is; one bundle is made by one thread at a time, on whatever side."""

    def __init__(
        self,
        piecework: Piecework,
        teller: Teller,
        segments: SegmentRecords,
        bundles: BundleRecords,
        ledger: Ledger,
        shelf: Shelf,
        press: Press,
        site: Site,
        clock: Clock,
        beside: Beside,
    ) -> None:
        self._beside = beside
        self.bundles = bundles
        self._piecework = piecework
        self._teller = teller
        self._segments = segments
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

    def make(self, grant: Grant, case: Case, bundle: Bundle, progress: Progress, still: Callable[[], None]) -> Path:
        """``still`` raises when it may not be made any more: it is asked before each piece, and before all is sealed.
        What was made until then lies on the shelf and goes with the next sweep. Raises ``Conflict`` while somebody else
        makes it."""
        with self._shelf.alone(bundle.id):
            bundle = self.bundles.get(bundle.id)
            with contextlib.suppress(NotFound):
                return self.finished(bundle)
            return self._put_together(grant, case, bundle, progress, still)

    def _put_together(
        self, grant: Grant, case: Case, bundle: Bundle, progress: Progress, still: Callable[[], None]
    ) -> Path:
        reels = [self._reel(grant, part) for part in bundle.parts]
        if not any(reel.segments for reel in reels):
            raise NotFound("nothing of this footage is kept any more", remedy="it may have been erased on time")
        self._room(bundle, reels)
        folder = self._shelf.folder(bundle.id)
        words = (f"case {case.reference}", f"for {bundle.recipient}", bundle.asked_by, iso(bundle.asked_us)[:10])
        try:
            media = self._piecework.take(folder, bundle, reels, words, lambda share: progress(share * _MEDIA), still)
            still()
            story, stills = self._teller.story(grant, case, bundle, reels, media)
            made = self._sealed(folder, bundle, story, stills, grant, lambda share: progress(_MEDIA + share * 0.1))
        except OSError as error:
            what = f"the bundle cannot be written ({error.strerror})"
            raise Unavailable(what, where=bundle.id, remedy="free some disk space, then make it again") from error
        progress(1.0)
        return made

    def _reel(self, grant: Grant, part: Part) -> Reel:
        camera = self._site.camera(part.camera_id)
        stream = camera.stream_for("record") if camera else None
        wide = Interval(part.interval.start_us - LOOK_AROUND_US, part.interval.end_us + LOOK_AROUND_US)
        return Reel(part, tuple(self._segments.covering(grant, stream.id, wide)) if stream else ())

    def _room(self, bundle: Bundle, reels: Sequence[Reel]) -> None:
        """Twice the footage (the parts and the file made of them), said before anything is begun."""
        size = sum(s.size_bytes for reel in reels for s in reel.segments)
        needed = size * (4 if bundle.originals else 2) + _SPARE_BYTES
        free = self._shelf.free_bytes()
        if needed > free:
            what = f"the bundle may need {needed >> 20} MiB, and {free >> 20} MiB are free"
            raise Unavailable(what, where=bundle.id, remedy="free some disk space, or ask for less")

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
        contents = _json({"vitrail": "contents 1", "piece_bytes": PIECE_BYTES, "files": _digests(files, self._beside)})
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


def _said(story: Story) -> Mapping[str, object]:
    said = plain(story)
    assert isinstance(said, dict)
    return said


def _digests(files: Mapping[str, Path | bytes], beside: Beside) -> Mapping[str, object]:
    names = sorted(files)
    return dict(zip(names, beside([partial(_digest, files[name]) for name in names]), strict=True))


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
