"""The audit archive: everything an inspector needs, gathered."""

__all__ = ["Auditing", "audit_verifier", "auditing"]

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import vitrail
from vitrail.adapters.installed import digests, packages
from vitrail.adapters.keyfile import signing_key
from vitrail.adapters.openvino import catalogue
from vitrail.adapters.orderbook import FileOrderBook
from vitrail.adapters.publishing import publish
from vitrail.adapters.publishing.bundle import Content, audit_verifier, readme, write_bundle
from vitrail.adapters.sqlite.shape import kept, shape
from vitrail.compose.absence import prove_absence
from vitrail.compose.checking import stand_alone_verifier
from vitrail.compose.desks import Desks, desks_of
from vitrail.compose.publishing import register_now
from vitrail.compose.rooms import Rooms, published
from vitrail.compose.starting import read_site
from vitrail.domain.ledger import Checkpoint
from vitrail.domain.people import Account
from vitrail.domain.register import Register
from vitrail.guard import audit, proofs
from vitrail.guard.followup import as_csv, follow_up
from vitrail.guard.handover import handed_over

_WEB = ("https://", "http://")


@contextmanager
def auditing(site: Path, state: Path, environ: Mapping[str, str]) -> Iterator["Auditing"]:
    """Needs no mandate, no permit and no open gate: whoever accounts for a system may do so while it is stopped."""
    with ExitStack() as stack:
        rooms = Rooms(read_site(site, environ), state, state, stack)
        yield Auditing(rooms, desks_of(rooms), state)


@dataclass(frozen=True, slots=True)
class Auditing:
    rooms: Rooms
    desks: Desks
    state: Path

    def export(self, account: Account, reason: str, out: Path, progress: Callable[[float], None]) -> int:
        """How many files the archive holds. Raises ``Refused`` or ``Unavailable``."""
        rooms = self.rooms
        with handed_over(rooms.reception, rooms.ledger, account, "audit", reason):
            register = register_now(rooms, "", "", progress)
            head = rooms.ledger.checkpoint()
            now_us = rooms.clock.now_us()
            key = signing_key(self.state)

            def manifest(files: Mapping[str, audit.Sealed]) -> bytes:
                return audit.manifest(rooms.site.id, now_us, rooms.configuration, head, files, vitrail.__version__)

            with tempfile.TemporaryDirectory(prefix="vitrail-audit-") as place:
                pages = publish(register, Path(place) / "register")
                files = {f"register/{path.name}": path.read_bytes() for path in pages}
            return write_bundle(out, files | self._files(register, head, now_us), now_us, manifest, key.sign)

    def _files(self, register: Register, head: Checkpoint, now_us: int) -> dict[str, Content]:
        return {
            "README.txt": readme().encode(),
            "ledger.jsonl": self._ledger(head),
            "vitrail_verify.py": stand_alone_verifier().encode(),
            "vitrail_audit_verify.py": audit_verifier().encode(),
            **{name: _json(said) for name, said in self._said(register, now_us).items()},
            "followup.csv": self._followup(head, now_us),
            **self._papers(),
            **self._schema(),
        }

    def _ledger(self, head: Checkpoint) -> Iterator[bytes]:
        """Up to the head that was signed for this archive: what others write meanwhile is for the next one."""
        lines = proofs.exported(self.rooms.records.ledger, self.rooms.site.id, head.public_key)
        for line in lines:
            said = json.loads(line)
            late = said.get("index", -1) >= head.size or said.get("size", 0) > head.size
            if not late:
                yield line.encode() + b"\n"

    def _followup(self, head: Checkpoint, now_us: int) -> bytes:
        return as_csv(follow_up(self.rooms.ledger.entries(0, head.size), now_us)).encode()

    def _said(self, register: Register, now_us: int) -> Mapping[str, object]:
        """What is said as JSON, by file."""
        rooms, folder = self.rooms, self.rooms.folder
        refused = [{"what": r.what, "where": r.where, "rule": r.rule} for r in rooms.gatekeeper.refusals()]
        manifests = sorted(rooms.registry.manifests.items())
        return {
            "configuration.json": {
                "configuration": rooms.configuration,
                "published": published(self.state),
                "refused_now": refused,
            },
            "profile.json": audit.plain(folder.profile),
            "mandates.json": audit.plain(folder.mandates),
            "analytics.json": [audit.plain(manifest) for _, manifest in manifests],
            "models.json": audit.plain(catalogue()),
            "oversight.json": audit.plain(folder.oversight),
            "accounts.json": audit.by_role(rooms.records.accounts.every(), now_us),
            "retention.json": {
                "eraser_last_swept_us": rooms.heartbeat.last_us(),
                "tables": audit.plain(kept(self.state, now_us)),
            },
            "figures.json": audit.plain(register.figures),
            "sources.json": digests(),
            "packages.json": audit.plain(packages()),
            "absence.json": prove_absence(self.state),
        }

    def _papers(self) -> dict[str, Content]:
        """What is copied as it lies there."""
        paper = self.rooms.folder.assessment
        found: dict[str, Content] = {}
        if paper.document:
            found["assessment.json"] = paper.document.text().encode()
            found["assessment-validation.json"] = _json(audit.plain(paper.validation))
        if orders := FileOrderBook(self.state / "orders.jsonl").lines():
            found["orders.jsonl"] = "".join(f"{line}\n" for line in orders).encode()
        for number, witness in enumerate(self.rooms.site.witnesses, 1):
            if not witness.startswith(_WEB) and Path(witness).is_file():
                found[f"witness/{number}.jsonl"] = Path(witness).read_bytes()
        return found

    def _schema(self) -> dict[str, Content]:
        statements = shape(self.state).statements
        return {
            f"schema/{name.removesuffix('.db')}.sql": "".join(f"{sql};\n\n" for sql in said).encode()
            for name, said in statements.items()
        }


def _json(said: object) -> bytes:
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()
