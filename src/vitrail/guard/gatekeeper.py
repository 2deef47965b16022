"""The gate that every stream passes: asks the decisions, remembers the answer, writes changes of it down."""

__all__ = ["Gatekeeper"]

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.errors import Refused
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.mandates import LegalProfile, Mandate, Permit
from vitrail.domain.streams import AnalyticSetting, Camera, Microphone, Site, Stream
from vitrail.domain.suspensions import Suspension
from vitrail.guard import decide
from vitrail.guard.baselines import Baselines
from vitrail.guard.ledger import Ledger
from vitrail.guard.poses import Poses
from vitrail.guard.refusal import refuse
from vitrail.ports.clock import Clock

_Answer = tuple[object, ...]


class Gatekeeper:
    """Thread-safe. ``manifests`` are those of the analytics that exist: what they make decides what may come out."""

    def __init__(
        self,
        site: Site,
        mandates: Sequence[Mandate],
        profile: LegalProfile,
        ledger: Ledger,
        clock: Clock,
        manifests: Sequence[AnalyticManifest],
        suspended: Callable[[], tuple[Suspension, ...]] = tuple,
        published: Callable[[], bool] = lambda: True,
        unassessed: Callable[[Sequence[Mandate], LegalProfile], Mapping[str, Refused]] = lambda *_: {},
        erasing: Callable[[], bool] = lambda: True,
        poses: Poses | None = None,
    ) -> None:
        self._site = site
        self._law = decide.Law(tuple(mandates), profile, {m.id: m for m in manifests})
        self._ledger = ledger
        self._clock = clock
        self._lock = threading.Lock()
        self._said: dict[str, _Answer] = {}
        self._suspended = suspended
        self._published = published
        self._unassessed = unassessed
        self._erasing = erasing
        self._poses = poses
        self._baselines = Baselines(ledger)
        self._barred: Mapping[str, Refused] | None = None

    def permit(self, camera_id: str, stream_id: str) -> Permit:
        """Leave to process the stream for the next two seconds. Raises ``Refused`` with rule and remedy."""
        camera, stream = self.declared(camera_id, stream_id)
        with self._lock:
            law = self._law_now()
            answer = decide.permit(camera, stream, law, self._clock.now_us())
            self._write_down(stream_id, answer, law)
        if isinstance(answer, Refused):
            raise answer
        return answer

    def hearing(self, microphone_id: str) -> Permit:
        """Leave to listen to the microphone for the next two seconds. Raises ``Refused`` with rule and remedy."""
        microphone = self.declared_microphone(microphone_id)
        with self._lock:
            law = self._law_now()
            answer = decide.hearing(microphone, law, self._clock.now_us())
            self._write_down(microphone.stream.id, answer, law)
        if isinstance(answer, Refused):
            raise answer
        return answer

    def declared_microphone(self, microphone_id: str) -> Microphone:
        """As the site declares it. Raises ``Refused``."""
        microphone = self._site.microphone(microphone_id)
        if microphone is None:
            what = f"the site declares no microphone {microphone_id}"
            raise refuse("L04", what, f"microphone {microphone_id}", "declare it in site.yaml")
        return microphone

    def declared(self, camera_id: str, stream_id: str) -> tuple[Camera, Stream]:
        """The camera and stream as the site declares them, masks and all. Raises ``Refused``."""
        camera = self._site.camera(camera_id)
        stream = next((s for s in camera.streams if s.id == stream_id), None) if camera else None
        if camera is None or stream is None:
            raise refuse(
                "L04",
                f"the site declares no stream {stream_id} of camera {camera_id}",
                f"camera {camera_id}, stream {stream_id}",
                "declare it in site.yaml",
            )
        return camera, stream

    def refusals(self, camera_id: str | None = None) -> list[Refused]:
        """Every declared stream, recording, analytic and event kind that would be refused now, and why; of one camera
        where it is named."""
        with self._lock:
            law = self._law_now()
        site = self._site
        if camera_id is not None:
            site = replace(site, cameras=tuple(c for c in site.cameras if c.id == camera_id), microphones=())
        return decide.refusals(site, law, self._clock.now_us())

    def trial(self, camera: Camera, setting: AnalyticSetting) -> None:
        """Leave to try an analytic on the camera's recording. Raises ``Refused`` with rule and remedy."""
        with self._lock:
            law = self._law_now()
        refused = decide.trial_refused(camera, setting, law, self._clock.now_us())
        if refused:
            raise refused

    def glance(self) -> None:
        """Leave to look at one picture of a camera that the site does not declare yet. Raises ``Refused``."""
        with self._lock:
            law = self._law_now()
        if refused := decide.glance_refused(law, self._clock.now_us()):
            raise refused

    def lacking(self, camera: Camera) -> list[Refused]:
        """What would be refused of a camera that the site does not declare yet, were it declared like this."""
        with self._lock:
            law = self._law_now()
        return decide.refusals(replace(self._site, cameras=(camera,), microphones=()), law, self._clock.now_us())

    def barred(self) -> Mapping[str, Refused]:
        """Mandates, by id, that may not be relied on: see ``Law.barred``."""
        with self._lock:
            return self._law_now().barred

    def camera_moved(self, camera_id: str) -> None:
        """A camera looks elsewhere: no permit is renewed for it until a person has reviewed its masks (L17)."""
        if self._poses:
            self._poses.tell(camera_id)

    def stopped(self, permit: Permit) -> bool:
        """Whether an analysis that the permit allows is suspended since: asked before every frame, so it costs nothing
        while nothing is suspended."""
        active = self._suspended()
        return any(s.covers(permit.device_id, analytic) for s in active for analytic in permit.analytics)

    def change(self, mandates: Sequence[Mandate], profile: LegalProfile) -> None:
        """Put other mandates in charge (one was ended, or added). Running permits end within two seconds."""
        with self._lock:
            self._law = decide.Law(tuple(mandates), profile, self._law.manifests)
            self._barred = None

    def _law_now(self) -> decide.Law:
        """Whether a mandate is barred hangs on configuration and ledger alone: asked once for each configuration."""
        if self._barred is None:
            mandates, profile = self._law.mandates, self._law.profile
            self._barred = {**self._unassessed(mandates, profile), **self._baselines.barred(mandates)}
        return replace(
            self._law,
            suspensions=self._suspended(),
            published=self._published(),
            erasing=self._erasing(),
            barred=self._barred,
            moved=self._poses.moved() if self._poses else {},
        )

    def _write_down(self, stream_id: str, answer: Permit | Refused, law: decide.Law) -> None:
        """One entry when the answer changes, none at each renewal. Without it the permit is not given (L13)."""
        key = _key(answer)
        if self._said.get(stream_id) == key:
            return
        target = f"stream:{stream_id}"
        if isinstance(answer, Refused):
            self._ledger.note(
                Operation.RULE, Outcome.REFUSED, "vitrail", target, answer.what, rule=answer.rule, detail=answer.where
            )
        else:
            mandate = next(m for m in law.mandates if m.id == answer.mandate_id)
            self._baselines.remember(mandate)
            self._ledger.note(
                Operation.RULE,
                Outcome.DONE,
                "vitrail",
                target,
                f"mandate {answer.mandate_id} is in force",
                answer.mandate_id,
                detail=_detail(answer, mandate.digest),
            )
        self._said[stream_id] = key


def _key(answer: Permit | Refused) -> _Answer:
    if isinstance(answer, Refused):
        return ("refused", answer.rule, answer.what)
    return (
        "permit",
        answer.mandate_id,
        answer.analytics,
        answer.kinds,
        answer.readings,
        answer.may_record,
        answer.may_picture,
    )


def _detail(permit: Permit, digest: str) -> str:
    parts = [f"mode {permit.mode.value}", f"analytics {', '.join(sorted(permit.analytics)) or 'none'}"]
    parts.append("recorded" if permit.may_record else "not recorded")
    parts.append(f"mandate file sha256 {digest}")
    return "; ".join(parts)
