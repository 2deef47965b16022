"""Stores, guard and media of one site, handed to each other."""

__all__ = ["REGISTER", "Rooms", "published"]

import secrets
from contextlib import ExitStack
from pathlib import Path

from vitrail.adapters.av import AvFilm, AvOpener, DiskArchive, DiskPictures
from vitrail.adapters.bundle import BundlePress, DiskShelf
from vitrail.adapters.clock import SystemClock
from vitrail.adapters.heartbeat import FileHeartbeat
from vitrail.adapters.keyfile import signing_key
from vitrail.adapters.oidc import OidcDirectory
from vitrail.adapters.openvino import load_heads, load_nanodet, load_place_reader, load_sound_embedder
from vitrail.adapters.openvino.heads import LateHeads
from vitrail.adapters.openvino.late import LateDetector, LatePlaceReader, LateSoundEmbedder
from vitrail.adapters.orderbook import FileOrderBook
from vitrail.adapters.repairs import Open311Carrier, WebhookCarrier
from vitrail.adapters.sitefolder import (
    SiteFolder,
)
from vitrail.adapters.sound import AvEars
from vitrail.adapters.sqlite import Records, open_database
from vitrail.analytics.contract import SoundAnalytic
from vitrail.analytics.registry import Registry
from vitrail.compose.erasing import eraser
from vitrail.compose.papers import assess
from vitrail.compose.seeing import seen_of
from vitrail.domain.detections import Label
from vitrail.domain.geometry import Polygon
from vitrail.domain.recipients import Channel
from vitrail.domain.register import configuration_digest
from vitrail.domain.streams import Camera, Microphone, Stream
from vitrail.guard import assessment
from vitrail.guard.accounts import Accounts
from vitrail.guard.board import Board
from vitrail.guard.bundles import Bundles
from vitrail.guard.case_rules import in_lab
from vitrail.guard.casework import Casework
from vitrail.guard.checks import BlindChecks
from vitrail.guard.fresh import fresh_id
from vitrail.guard.gatekeeper import Gatekeeper
from vitrail.guard.hearing import Ears
from vitrail.guard.intake import Intake
from vitrail.guard.ledger import Ledger
from vitrail.guard.live import LiveHub
from vitrail.guard.masking import MASK_FLOOR
from vitrail.guard.memory import PlaceMemory
from vitrail.guard.photo import cleared_photo, decoded
from vitrail.guard.poses import Poses
from vitrail.guard.quality import Quality
from vitrail.guard.reception import Reception
from vitrail.guard.release import Release
from vitrail.guard.retention import Eraser, alive
from vitrail.guard.rights import RightsDesk
from vitrail.guard.sharing import Sharing
from vitrail.guard.sign_on import SignOns
from vitrail.guard.suspension import Suspensions
from vitrail.guard.upkeep import Wear
from vitrail.pipeline.camera_health import CameraHealth
from vitrail.pipeline.lookback import PlaceLookback
from vitrail.pipeline.looking import Looking
from vitrail.pipeline.motion import MotionGate
from vitrail.pipeline.scene_memory import SceneMemory
from vitrail.pipeline.speeds import SpeedControl
from vitrail.pipeline.stirring import Stirring
from vitrail.pipeline.tracking import Tracker
from vitrail.ports.carrier import Carrier
from vitrail.runtime.bus import Bus
from vitrail.runtime.health import HealthBoard
from vitrail.runtime.hearing import Whereabouts
from vitrail.runtime.side_by_side import all_beside
from vitrail.runtime.stream_loop import Stages
from vitrail.services.hearing import CLOCKS_S, Listen

_ID_BYTES = 12
REGISTER = "register.digest"
"""In the state folder: the configuration that the published register speaks of."""


class Rooms:
    """Stores, guard and media of one site, assembled; no thread runs yet."""

    def __init__(
        self, folder: SiteFolder, state: Path, cache: Path, stack: ExitStack, declared: SiteFolder | None = None
    ) -> None:
        """``declared`` is the folder as it was published and assessed, where ``folder`` holds a part of it."""
        declared = declared or folder
        state.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.site = folder.site
        self._views: dict[str, CameraHealth] = {}
        """What each stream's view is like outlives a connection: a camera may be turned while it is away."""
        self.clock = SystemClock()
        self.registry = Registry.load()
        self.records: Records = stack.enter_context(open_database(state))
        key = signing_key(state)
        self.ledger = Ledger(self.records.ledger, self.clock, key, self.site.ledger_months)
        stack.callback(self.ledger.close)
        self.seen = seen_of(self.records, state, cache, self.site.joint)
        self.archive = DiskArchive(state / "media")
        self.pictures = DiskPictures(state / "media" / "pictures")
        self.memories = DiskPictures(state / "memory", ".npz")
        self.film = AvFilm(self.archive.path)
        self.reader = LatePlaceReader(lambda: load_place_reader(cache))
        self.detector = LateDetector(lambda: load_nanodet(cache))
        self.heads = LateHeads(lambda: load_heads(cache))
        self.heartbeat = FileHeartbeat(state)
        self.live = LiveHub(self.film.still)
        manifests = tuple(self.registry.manifests.values())
        self.configuration = configuration_digest(declared.site, folder.mandates, folder.profile, manifests)
        book = FileOrderBook(state / "orders.jsonl")
        self.suspensions = Suspensions(book, self.ledger, self.clock, key, self.site, folder.oversight)
        self.poses = Poses(FileOrderBook(state / "poses.jsonl"), self.ledger, self.clock, self.site)
        self.gatekeeper = Gatekeeper(
            self.site,
            folder.mandates,
            folder.profile,
            self.ledger,
            self.clock,
            manifests,
            self.suspensions.active,
            lambda: published(state) == self.configuration,
            lambda mandates, _: assessment.unassessed(mandates, assess(declared).refused),
            lambda: alive(self.heartbeat, self.clock.now_us()),
            self.poses,
        )
        share = self.site.blind_share
        self.checks = BlindChecks(
            self.ledger, self.clock, lambda: fresh_id(_ID_BYTES), share, secrets.SystemRandom().random
        )
        self.accounts = Accounts(self.records.accounts, self.ledger, self.clock)
        provider = self.site.sign_on
        self.sign_ons = (
            SignOns(provider, OidcDirectory(provider), self.accounts, self.clock) if provider is not None else None
        )
        self.shelf = DiskShelf(state / "bundles")
        press = BundlePress(self.site.name, key, self.site.timestamps)
        self.reception = Reception(
            self.accounts,
            self.records.alerts,
            self.records.segments,
            self.records.readings,
            self.records.cases,
            self.ledger,
            self.archive,
            self.pictures,
            self.film,
            self.detector,
            self.heads,
            self.live,
            self.site,
            folder.mandates,
            folder.profile,
            self.clock,
            self.records.bundles,
            self.shelf,
            press,
            self.seen,
            PlaceLookback(),
            self.records.board,
            self.records.upkeep,
            self.records.notices,
            self.checks,
            all_beside,
        )
        self.casework = Casework(self.accounts, self.records.cases, self.ledger, self.site, folder.mandates, self.clock)
        lab = in_lab(folder.mandates)
        self.board = Board(self.casework, self.records.board, self.ledger, self.clock)
        self.sharing = Sharing(self.casework, self.records.bundles, self.shelf, self.ledger, self.clock, lab)
        self.bundles = Bundles(self.casework, self.records.bundles, self.ledger, self.clock, lab)
        self.rights = RightsDesk(
            self.accounts,
            self.records.rights,
            self.casework,
            self.ledger,
            self.site.zone,
            lab,
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
            lambda: fresh_id(_ID_BYTES),
            self.pictures,
            self.film.still,
            self.seen,
            Wear(self.records.upkeep, self.ledger, self.clock, self.site.ledger_months),
            PlaceMemory(self.records.memory, self.memories, self.ledger, self.clock),
            self.checks,
        )

        self.ears = Ears(
            self.gatekeeper,
            AvEars(self.clock),
            self.records.alerts,
            self.records.alerts,
            self.ledger,
            self.clock,
            lambda: fresh_id(_ID_BYTES),
        )
        webhook = WebhookCarrier(self.site.id, self.clock)
        carriers: dict[Channel, Carrier] = {Channel.OPEN311: Open311Carrier(), Channel.WEBHOOK: webhook}
        self.release = Release(
            self.records.notices,
            self.records.upkeep,
            self.pictures,
            self.ledger,
            self.site,
            folder.mandates,
            carriers,
            self._painted_over,
            self.clock,
        )
        self.sound_embedder = LateSoundEmbedder(lambda: load_sound_embedder(cache))

    def _painted_over(self, jpeg: bytes) -> bytes:
        """Of a picture that was kept with nobody in it: looked at once more as everything that leaves is."""
        picture = decoded(jpeg)
        found = self.detector.detect([picture], MASK_FLOOR)[0]
        return cleared_photo(picture, found.of(Label.PERSON).boxes, found, self.film.still).shown

    def listen(self, board: HealthBoard, bus: Bus) -> Listen:
        whereabouts = Whereabouts(self.site.microphones, CLOCKS_S)
        return Listen(self.site, self.ears, self.sound_embedder, self._hearing, board, bus, self.clock, whereabouts)

    def _hearing(self, microphone: Microphone) -> list[SoundAnalytic]:
        return [self.registry.make_ear(microphone, setting) for setting in microphone.analytics]

    def stages(self, camera: Camera, stream: Stream) -> Stages:
        return Stages(
            SpeedControl(),
            MotionGate(),
            Tracker(lambda: secrets.randbits(63)),
            [self.registry.make(camera, stream.id, setting) for setting in camera.analytics],
            self._memory(camera),
            Looking(self.reader) if self._asked(camera, "look") else None,
            health=self._views.setdefault(stream.id, CameraHealth()),
            stirring=Stirring(self.reader, self._zones(camera, "stir")) if self._asked(camera, "stir") else None,
        )

    def _asked(self, camera: Camera, what: str) -> bool:
        manifests = self.registry.manifests
        return any(what in manifests[setting.analytic_id].inputs for setting in camera.analytics)

    def _zones(self, camera: Camera, what: str) -> list[Polygon]:
        """Of the analytics that ask for it."""
        asking = [s for s in camera.analytics if what in self.registry.manifests[s.analytic_id].inputs]
        return [camera.zone(zone).polygon for setting in asking for zone in setting.zones]

    def _memory(self, camera: Camera) -> SceneMemory | None:
        """Where an analytic of the camera asks for it; declared surfaces and assets are remembered finely."""
        if not self._asked(camera, "place"):
            return None
        surfaces = {surface.id: surface.polygon for surface in camera.surfaces}
        return SceneMemory(surfaces, {asset.id: asset.polygon for asset in camera.assets})

    def quality(self) -> Quality:
        return Quality(self.site, self.registry.manifests, self.ledger, self.suspensions)

    def eraser(self) -> Eraser:
        kept = self.records, self.archive, self.pictures
        return eraser(*kept, self.ledger, self.clock, self.heartbeat, self.shelf, self.seen, self.memories)


def published(state: Path) -> str:
    try:
        return (state / REGISTER).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
