"""A real bundle: real recordings, films, signatures; a time-stamping authority that is openssl's own."""

__all__ = ["Authority", "Court", "verify"]

import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from tests import builders as b
from tests.adapters.av.reel import opened
from tests.builders import NOW_US
from tests.guard.test_casework import Office
from tests.guard.world import KEY
from tests.media import made_video
from vitrail.adapters.av import AvFilm, DiskArchive
from vitrail.adapters.bundle import BundlePress, bundle_verifier
from vitrail.domain.bundles import Part
from vitrail.domain.recordings import Segment
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.bundles import Bundles


@dataclass
class Court(Office):
    authority: str = ""
    seconds: float = 2.0
    width: int = 320
    now_us: int = NOW_US
    """What the house's clock says."""

    def __post_init__(self) -> None:
        super().__post_init__()
        world = self.world
        self.disk = DiskArchive(self.folder / "media")
        world.clock.advance((self.now_us - NOW_US) / SECOND_US)
        for account in world.records.accounts.every():
            world.records.accounts.update(replace(account, trained_until_us=2**60))
        self.segment = self._recorded(made_video(self.folder / "yard.mp4", self.seconds, width=self.width))
        world.records.segments.rows.clear()
        world.records.segments.rows[self.segment.id] = self.segment
        world.clock.advance(60)
        self.press = BundlePress("The yard", KEY, self.authority)
        film = AvFilm(self.disk.path)
        self.reception = self.opened_reception(archive=self.disk, film=film, press=self.press)
        self.bundles = Bundles(self.work, world.records.bundles, world.ledger, world.clock, False)

    def bound(self, originals: bool = True, language: str = "en") -> Path:
        """A finished bundle of all that was recorded."""
        window = Interval(self.now_us - 60 * SECOND_US, self.now_us + 60 * SECOND_US)
        case = self.opened(window=window)
        ines, parts = self.who("ines"), [Part("gate", self.segment.interval)]
        asked = self.bundles.ask(
            ines, case.id, parts, "Public prosecutor", "the hearing", originals=originals, language=language
        )
        if originals:
            self.bundles.answer(self.who("olga"), asked.id, True, "the court asks")
        made: Path = self.look("ines", case).bundle(asked.id, lambda _: None)
        return made

    def _recorded(self, path: Path) -> Segment:
        with opened(path, start_us=self.now_us) as source:
            writer = None
            for packet in source.packets():
                writer = writer or self.disk.begin(b.permit(), source, source.facts, (), packet)
                writer.write(packet)
            assert writer is not None
            return writer.seal()


def verify(bundle: Path, *more: str) -> tuple[int, str]:
    """Exit code and everything said, by the stand-alone file in a process of its own, away from the product."""
    file = bundle.parent / "verify.py"
    if not file.exists():
        file.write_text(bundle_verifier(), encoding="utf-8")
    command = [sys.executable, "-I", str(file), str(bundle), *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=bundle.parent)
    return done.returncode, done.stdout + done.stderr


class Authority:
    """``openssl ts`` behind HTTP."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        (folder / "ts.cnf").write_text(_CONFIG.format(folder=folder), encoding="utf-8")
        (folder / "serial").write_text("01\n", encoding="utf-8")
        self._run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "9",
                  "-subj", "/CN=Test authority")  # fmt: skip
        self._run(
            "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "ts.key", "-out", "ts.csr", "-subj", "/CN=Test clock"
        )
        self._run("x509", "-req", "-in", "ts.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "9",
                  "-out", "ts.pem", "-extfile", "ts.cnf", "-extensions", "stamp")  # fmt: skip
        self.certificate = folder / "ca.pem"
        self.server = HTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, query: bytes) -> bytes:
        (self.folder / "query.tsq").write_bytes(query)
        self._run(
            "ts", "-reply", "-config", "ts.cnf", "-section", "tsa", "-queryfile", "query.tsq", "-out", "reply.tsr"
        )
        return (self.folder / "reply.tsr").read_bytes()

    def _run(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def _handler(self) -> Any:
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                reply = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler


_CONFIG = """
[stamp]
extendedKeyUsage = critical,timeStamping
[tsa]
serial = {folder}/serial
signer_cert = {folder}/ts.pem
signer_key = {folder}/ts.key
certs = {folder}/ca.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
