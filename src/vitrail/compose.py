"""The only file that picks real adapters and hands things to each other."""

__all__ = [
    "Analysis",
    "Assessed",
    "Compared",
    "Desks",
    "House",
    "Question",
    "analysis",
    "assess",
    "check_mandates",
    "check_state",
    "compare_mandates",
    "demo_site",
    "ensure_models",
    "export_assessment",
    "free_port",
    "import_assessment",
    "lab_site",
    "missing_recordings",
    "models",
    "new_mandate",
    "open_house",
    "publishing",
    "read_answers",
    "read_site",
    "reading",
    "stand_alone_verifier",
    "validate_assessment",
    "verify_ledger",
    "write_site",
]

import secrets
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Literal

from vitrail.adapters.av import AvFilm, AvOpener, DiskArchive
from vitrail.adapters.av.length import length_us
from vitrail.adapters.clock import SystemClock
from vitrail.adapters.demo import as_camera, fetch_recording
from vitrail.adapters.keyfile import signing_key
from vitrail.adapters.openvino import DEFAULT_DETECTOR, ModelShelf, catalogue, load_nanodet
from vitrail.adapters.openvino.late import LateDetector
from vitrail.adapters.orderbook import FileOrderBook
from vitrail.adapters.publishing import publish
from vitrail.adapters.registry import PackageClients
from vitrail.adapters.sitefolder import (
    Ask,
    Question,
    SiteFolder,
    draft,
    missing_recordings,
    read_answers,
    read_mandate,
    read_pia,
    write_document,
    write_validation,
    writing,
)
from vitrail.adapters.sitefolder import new_mandate as new_mandate_file
from vitrail.adapters.sitefolder import read_site as read_site_folder
from vitrail.adapters.sqlite import Records, open_database
from vitrail.adapters.witness import tell
from vitrail.analytics.registry import Registry
from vitrail.console.app import serve
from vitrail.console.parts import ConsoleParts
from vitrail.domain.assessments import Validation
from vitrail.domain.errors import Conflict, Invalid, NotFound, Problem, Refused, Unavailable
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Account
from vitrail.domain.register import configuration_digest
from vitrail.domain.streams import Camera, Site, Stream
from vitrail.domain.time import iso
from vitrail.guard import assessment, decide, proofs
from vitrail.guard.accounts import Accounts
from vitrail.guard.changes import Change, changes
from vitrail.guard.figures import count
from vitrail.guard.fsck import Fsck
from vitrail.guard.gatekeeper import Gatekeeper
from vitrail.guard.handover import handed_over
from vitrail.guard.intake import Intake
from vitrail.guard.ledger import Ledger
from vitrail.guard.live import LiveHub
from vitrail.guard.masking import MASK_FLOOR
from vitrail.guard.quality import Quality
from vitrail.guard.reception import Reception
from vitrail.guard.register import build as build_register
from vitrail.guard.retention import Eraser
from vitrail.guard.suspension import Suspensions
from vitrail.guard.verification import VerifyReport
from vitrail.guard.witnesses import Witnesses
from vitrail.pipeline.motion import MotionGate
from vitrail.pipeline.speeds import SpeedControl
from vitrail.pipeline.tracking import Tracker
from vitrail.runtime.bus import Bus
from vitrail.runtime.health import HealthBoard
from vitrail.runtime.housekeeper import Chore, Housekeeper
from vitrail.runtime.inference import InferenceEngine
from vitrail.runtime.jobs import Jobs
from vitrail.runtime.metrics import metrics_text
from vitrail.runtime.stream_loop import Stages, Step
from vitrail.services.models import Models
from vitrail.services.watch import Watch

_SWEEP_S = 60.0
_CHECKPOINT_S = 300.0
_ID_BYTES = 12
_REGISTER = "register.digest"
"""In the state folder: the configuration that the published register speaks of."""


def models(cache: Path) -> Models:
    """The catalogue over this cache."""
    return Models(catalogue(), (DEFAULT_DETECTOR,), PackageClients(), ModelShelf(cache))


def ensure_models(cache: Path, say: Callable[[str], None]) -> None:
    models(cache).ensure_default(say)


def read_site(folder: Path, environ: Mapping[str, str]) -> SiteFolder:
    return read_site_folder(folder, environ, Registry.load().manifests)


def new_mandate(folder: Path, environ: Mapping[str, str], ask: Ask) -> Path:
    """A mandate from answers, written into the site folder."""
    return new_mandate_file(folder, environ, Registry.load().manifests, ask)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two mandate files: what changed, and whether both rest on one decision."""

    changes: list[Change]
    same_decision: bool


def compare_mandates(old: Path, new: Path) -> Compared:
    """Raises ``Invalid`` when one of them is no mandate."""
    manifests = Registry.load().manifests
    before, after = read_mandate(old, manifests), read_mandate(new, manifests)
    return Compared(changes(before, after), before.decision.sha256 == after.decision.sha256)


@dataclass(frozen=True, slots=True)
class Assessed:
    """How the impact assessment stands to what runs. ``closed``: a mandate outside lab may not be relied on."""

    coverage: assessment.Coverage
    configuration: str
    refused: Refused | None
    closed: bool


def assess(folder: SiteFolder) -> Assessed:
    manifests = Registry.load().manifests
    paper = folder.assessment
    said = paper.document.assessment() if paper.document else None
    configuration = configuration_digest(folder.site, folder.mandates, folder.profile, tuple(manifests.values()))
    coverage = assessment.cover(assessment.topics(folder.site, folder.mandates, manifests), said)
    refused = assessment.reopened(coverage, said, paper.validation, configuration)
    return Assessed(coverage, configuration, refused, bool(assessment.unassessed(folder.mandates, refused)))


def export_assessment(folder: SiteFolder, file: Path) -> int:
    """The number of lines that wait to be argued. Raises ``Conflict`` rather than write over a file."""
    if file.exists():
        raise Conflict(f"{file} exists already", remedy="choose another name")
    document = folder.assessment.document or draft(folder.site.name, iso(SystemClock().now_us()))
    missing = assess(folder).coverage.missing
    file.write_text(document.with_topics(missing).text(), encoding="utf-8", newline="\n")
    return len(missing)


def import_assessment(site: Path, file: Path) -> Path:
    """Raises ``Invalid`` for anything but an assessment of the CNIL's tool."""
    if not (site / "site.yaml").is_file():
        raise NotFound(f"{site} is no site folder: it holds no site.yaml", remedy="name it with --site")
    return write_document(site, read_pia(file.read_bytes(), file.name))


def validate_assessment(site: Path, folder: SiteFolder, by: str, on: str) -> Path:
    """Raises ``Refused`` (L06) while anything but the validation is missing."""
    state, document = assess(folder), folder.assessment.document
    said = document.assessment() if document else None
    given = Validation(by, on, said.sha256 if said else "", state.configuration)
    refused = assessment.reopened(state.coverage, said, given, state.configuration)
    if refused:
        raise refused
    return write_validation(site, given)


def write_site(folder: Path) -> list[Path]:
    return writing.write_site(folder, SystemClock().now_us())


def demo_site(
    video: str | None, folder: Path, cache: Path, fresh: bool, say: Callable[[str], None]
) -> Mapping[str, str]:
    """Write the demonstration's site folder; returns what the environment must hold when it is read."""
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    scene: Literal["any", "campus"] = "any" if video else "campus"
    if video is None:
        say("fetching the recording")
        video = str(fetch_recording(cache, say))
    if "://" not in video:
        if not Path(video).is_file():
            raise NotFound(f"{video} is not a file", remedy="name a video file or an rtsp:// address")
        video = str(as_camera(Path(video), cache, lambda share: say(f"preparing the recording: {share:.0%}")))
    return writing.demo_site(folder, video, SystemClock().now_us(), scene)


def lab_site(recording: Path, folder: Path) -> None:
    """A site folder for a recording that has none: the whole picture is one zone, under the lab mandate."""
    writing.demo_site(folder, str(recording), SystemClock().now_us(), "any")


def free_port(host: str, port: int) -> None:
    """Raises ``Conflict`` when somebody listens there already: better before a long set-up than after it."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                f"the console cannot listen on {host}:{port}: {error.strerror}",
                where="--port",
                remedy="stop the other program, or choose another port with --port",
            ) from error


class _Rooms:
    """Stores, guard and media of one site, assembled; no thread runs yet."""

    def __init__(
        self, folder: SiteFolder, state: Path, cache: Path, stack: ExitStack, declared: SiteFolder | None = None
    ) -> None:
        """``declared`` is the folder as it was published and assessed, where ``folder`` holds a part of it."""
        declared = declared or folder
        state.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.site = folder.site
        self.clock = SystemClock()
        self.registry = Registry.load()
        self.records: Records = stack.enter_context(open_database(state))
        key = signing_key(state)
        self.ledger = Ledger(self.records.ledger, self.clock, key)
        stack.callback(self.ledger.close)
        self.archive = DiskArchive(state / "media")
        self.film = AvFilm(self.archive.path)
        self.detector = LateDetector(lambda: load_nanodet(cache))
        self.live = LiveHub(self.film.still)
        manifests = tuple(self.registry.manifests.values())
        self.configuration = configuration_digest(declared.site, folder.mandates, folder.profile, manifests)
        book = FileOrderBook(state / "orders.jsonl")
        self.suspensions = Suspensions(book, self.ledger, self.clock, key, self.site, folder.oversight)
        self.gatekeeper = Gatekeeper(
            self.site,
            folder.mandates,
            folder.profile,
            self.ledger,
            self.clock,
            manifests,
            self.suspensions.active,
            lambda: _published(state) == self.configuration,
            lambda mandates, _: assessment.unassessed(mandates, assess(declared).refused),
        )
        self.accounts = Accounts(self.records.accounts, self.ledger, self.clock)
        self.reception = Reception(
            self.accounts,
            self.records.alerts,
            self.records.segments,
            self.records.readings,
            self.ledger,
            self.archive,
            self.film,
            self.detector,
            self.live,
            self.site,
            folder.mandates,
            folder.profile,
            self.clock,
        )
        self.intake = Intake(
            self.gatekeeper,
            AvOpener(self.clock),
            self.records.alerts,
            self.records.segments,
            self.records.readings,
            self.archive,
            self.ledger,
            self.clock,
            lambda: secrets.token_urlsafe(_ID_BYTES),
        )

    def stages(self, camera: Camera, stream: Stream) -> Stages:
        return Stages(
            SpeedControl(),
            MotionGate(),
            Tracker(lambda: secrets.randbits(63)),
            [self.registry.make(camera, stream.id, setting) for setting in camera.analytics],
        )

    def quality(self) -> Quality:
        return Quality(self.site, self.registry.manifests, self.ledger, self.suspensions)

    def eraser(self) -> Eraser:
        rows = self.records
        return Eraser(rows.segments, rows.alerts, rows.readings, self.archive, self.ledger, self.clock)


@dataclass(frozen=True, slots=True)
class House:
    """Everything that runs while a site is watched."""

    rooms: _Rooms
    watch: Watch
    jobs: Jobs
    housekeeper: Housekeeper

    def first_run(self) -> tuple[str, str] | None:
        """The first account's id and password, once; None when there are accounts already."""
        made = self.rooms.accounts.first_run(self.rooms.site)
        return (made[0].id, made[1]) if made else None

    def console_parts(self) -> ConsoleParts:
        rooms = self.rooms
        return ConsoleParts(
            reception=rooms.reception,
            accounts=rooms.accounts,
            ledger=rooms.ledger,
            suspensions=rooms.suspensions,
            jobs=self.jobs,
            bus=self.watch.bus,
            site=rooms.site,
            profile=rooms.folder.profile,
            mandates=rooms.folder.mandates,
            kinds=sorted({kind for manifest in rooms.registry.manifests.values() for kind in manifest.kinds}),
            clock=rooms.clock,
            health=self.watch.board.rows,
            chores=lambda: self.housekeeper.problems,
            metrics=lambda: metrics_text(self.watch.board, self.watch.engine, self.housekeeper),
        )

    def serve(self, host: str, port: int) -> None:
        """Streams, housekeeping and console until told to stop."""
        with self.housekeeper, self.watch.supervisor():
            serve(self.console_parts(), host, port)


@contextmanager
def open_house(site: Path, state: Path, cache: Path, environ: Mapping[str, str]) -> Iterator[House]:
    """A site folder, ready to be watched."""
    with ExitStack() as stack:
        rooms = _Rooms(read_site(site, environ), state, cache, stack)
        rooms.intake.mend()
        bus = Bus()
        stack.callback(bus.close)
        engine = InferenceEngine(rooms.detector, MASK_FLOOR)
        stack.callback(engine.close)
        jobs = Jobs()
        stack.callback(jobs.close)
        board = HealthBoard(bus)
        watch = Watch(rooms.site, rooms.intake, engine, rooms.stages, board, bus, rooms.clock, rooms.live)
        chores = [
            Chore("erase", _SWEEP_S, rooms.eraser().sweep),
            Chore("checkpoint", _CHECKPOINT_S, rooms.ledger.checkpoint),
            Chore("witness", _SWEEP_S, Witnesses(rooms.site.witnesses, rooms.records.ledger, tell).sweep),
            Chore("quality", _SWEEP_S, rooms.quality().sweep),
        ]
        yield House(rooms, watch, jobs, Housekeeper(chores, bus))


@dataclass(frozen=True, slots=True)
class Analysis:
    """One recording about to be analysed; ``length_us`` as its header says, 0 when it does not."""

    watch: Watch
    camera: Camera
    stream: Stream
    clock: SystemClock
    length_us: int

    def steps(self, start_us: int, stop: threading.Event) -> Iterator[Step]:
        return self.watch.analyse(self.camera, self.stream, start_us, stop)


@contextmanager
def analysis(
    recording: Path, site: Path, camera_id: str | None, state: Path, cache: Path, environ: Mapping[str, str]
) -> Iterator[Analysis]:
    """``recording`` in the place of the stream that ``camera_id`` of the site is watched on; it is not recorded
    again."""
    folder = read_site(site, environ)
    camera = _camera(folder, camera_id)
    watched = camera.stream_for("detect")
    if watched is None:
        raise Invalid(f"camera {camera.id} has no stream to watch", remedy="give one of its streams the role detect")
    detect: frozenset[Literal["detect", "record"]] = frozenset({"detect"})
    stream = replace(watched, address=str(recording), label=recording.name, roles=detect, loop=False)
    camera = replace(camera, streams=(stream,))
    part = replace(folder, site=replace(folder.site, cameras=(camera,)))
    with ExitStack() as stack:
        rooms = _Rooms(part, state, cache, stack, declared=folder)
        bus = Bus()
        engine = InferenceEngine(rooms.detector, MASK_FLOOR)
        stack.callback(engine.close)
        watch = Watch(rooms.site, rooms.intake, engine, rooms.stages, HealthBoard(bus), bus, rooms.clock, rooms.live)
        yield Analysis(watch, camera, stream, rooms.clock, length_us(recording))


def _camera(folder: SiteFolder, camera_id: str | None) -> Camera:
    cameras = folder.site.cameras
    if camera_id is None and len(cameras) == 1:
        return cameras[0]
    known = ", ".join(camera.id for camera in cameras)
    if camera_id is None:
        raise Invalid("which camera filmed this?", where="--camera", remedy=f"one of {known}")
    camera = folder.site.camera(camera_id)
    if camera is None:
        raise NotFound(f"the site has no camera {camera_id}", where="--camera", remedy=f"one of {known}")
    return camera


@dataclass(frozen=True, slots=True)
class Desks:
    """Reading and accounts from the command line: the same guard as the console's."""

    site: Site
    accounts: Accounts
    reception: Reception
    suspensions: Suspensions
    ledger: Ledger
    records: Records
    now_us: Callable[[], int]

    def sign_in(self, account_id: str, password: str, reason: str) -> Account:
        """Raises ``Refused``. The session ends at once: a command is over when it is over."""
        token, session = self.accounts.sign_in(account_id, password, reason)
        self.accounts.sign_out(token)
        return self.accounts.get(session.account_id)

    def export_ledger(self, account: Account, reason: str, out: Path) -> int:
        """The whole ledger as JSON lines, with a head signed now; how many entries. Raises ``Refused`` or
        ``Unavailable``."""
        with handed_over(self.reception, self.ledger, account, "ledger", reason):
            self.ledger.checkpoint()
            lines = proofs.exported(self.records.ledger, self.site.id, self.ledger.public_key)
            try:
                with out.open("w", encoding="utf-8") as file:
                    return sum(file.write(f"{line}\n") > 0 for line in lines)
            except OSError as error:
                raise Unavailable(f"the ledger cannot be written out: {error.strerror}", where=str(out)) from error

    def prove(self, account: Account, reason: str, index: int) -> Mapping[str, object]:
        """One entry with its proof, under a head signed now where none covers it yet. Raises ``Refused`` or
        ``NotFound``."""
        with handed_over(self.reception, self.ledger, account, f"entry:{index}", reason):
            if index >= max((c.size for c in self.records.ledger.checkpoints()), default=0):
                self.ledger.checkpoint()
            return proofs.proof(self.records.ledger, index, self.ledger.public_key)


@contextmanager
def reading(site: Path, state: Path, environ: Mapping[str, str]) -> Iterator[Desks]:
    """The site's stores and guard, nothing watched; pictures need models, words do not."""
    with ExitStack() as stack:
        rooms = _Rooms(read_site(site, environ), state, state, stack)
        yield Desks(
            rooms.site,
            rooms.accounts,
            rooms.reception,
            rooms.suspensions,
            rooms.ledger,
            rooms.records,
            rooms.clock.now_us,
        )


@contextmanager
def publishing(site: Path, state: Path, environ: Mapping[str, str]) -> Iterator["Publishing"]:
    """What the public register is made of, and where it goes."""
    with ExitStack() as stack:
        yield Publishing(_Rooms(read_site(site, environ), state, state, stack), state)


@dataclass(frozen=True, slots=True)
class Publishing:
    rooms: _Rooms
    state: Path

    def build(self, out: Path, contact: str, url: str, progress: Callable[[float], None]) -> list[Path]:
        """Count, write, and remember which configuration the register speaks of: that opens the gate (L26)."""
        rooms, now_us = self.rooms, self.rooms.clock.now_us()
        entries = (stored.entry for stored in rooms.ledger.entries(0, rooms.ledger.size))
        tally = count(entries, rooms.ledger.size, progress)
        law = decide.Law(
            rooms.folder.mandates,
            rooms.folder.profile,
            rooms.registry.manifests,
            rooms.suspensions.active(),
            barred=rooms.gatekeeper.barred(),
        )
        made = build_register(rooms.site, law, rooms.suspensions.every(), tally, now_us, contact, url)
        entry = rooms.ledger.open(Operation.COMMUNICATE, "vitrail", "register", "the public register is made")
        written = publish(made, out)
        (self.state / _REGISTER).write_text(made.configuration + "\n", encoding="utf-8")
        rooms.ledger.conclude(entry, Outcome.DONE, f"configuration {made.configuration}")
        return written

    def current(self) -> bool:
        """Whether the last register was made from the configuration as it is now."""
        return _published(self.state) == self.rooms.configuration


def _published(state: Path) -> str:
    try:
        return (state / _REGISTER).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def check_mandates(folder: SiteFolder, state: Path) -> list[Refused]:
    """What would be refused now, and why. A question only: no source is opened, and nothing is written."""
    if not state.exists():
        barred = assessment.unassessed(folder.mandates, assess(folder).refused)
        law = decide.Law(folder.mandates, folder.profile, Registry.load().manifests, published=False, barred=barred)
        return decide.refusals(folder.site, law, SystemClock().now_us())
    with ExitStack() as stack:
        return _Rooms(folder, state, state, stack).gatekeeper.refusals()


def check_state(folder: SiteFolder, state: Path, progress: Callable[[float], None]) -> list[Problem]:
    """The fsck: ledger, rows and files against each other."""
    with ExitStack() as stack:
        rooms = _Rooms(folder, state, state, stack)
        return Fsck(rooms.ledger, rooms.records.segments, rooms.archive, rooms.records.check).run(progress)


def stand_alone_verifier() -> str:
    """The text of ``vitrail_verify.py``: needs nothing of the product."""
    return resources.files("vitrail.adapters.publishing").joinpath("vitrail_verify.py").read_text(encoding="utf-8")


@contextmanager
def _ledger(state: Path) -> Iterator[tuple[Records, Ledger]]:
    if not (state / "ledger.db").exists():
        raise NotFound("there is no ledger yet", where=str(state), remedy="name the state folder with --state")
    with open_database(state) as records:
        yield records, Ledger(records.ledger, SystemClock(), signing_key(state))


def verify_ledger(state: Path, progress: Callable[[float], None], witness: Path | None = None) -> VerifyReport:
    """``witness``: the file of heads that a witness kept."""
    with _ledger(state) as (_, ledger):
        try:
            text = witness.read_text(encoding="utf-8") if witness else ""
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(f"the witness's file cannot be read ({error})", where="--witness") from error
        return ledger.verify(progress, proofs.kept_heads(text, ledger.public_key))
