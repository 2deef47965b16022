"""Trying an analytic on a recording before it is switched on. Trying is processing: the mandate in force must list it
(L04), a suspension stops it, and it stands in the ledger. What it would have told is shown to whoever asked, and no
alert is written."""

__all__ = ["LONGEST_TRY_US", "Rehearsing", "Trial"]

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.errors import Invalid, NotFound
from vitrail.domain.events import Event
from vitrail.domain.people import Account, Use
from vitrail.domain.streams import AnalyticSetting, Camera, Site
from vitrail.domain.time import HOUR_US, SECOND_US, Interval
from vitrail.guard.desk_floor import Progress
from vitrail.guard.gatekeeper import Gatekeeper
from vitrail.guard.reception import Reception
from vitrail.ports.clock import Clock
from vitrail.ports.rehearsal import RehearsalMaker

LONGEST_TRY_US = HOUR_US
_DRAWN = ("zones", "lines", "surfaces", "assets")


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What is to be tried, on which part of the recording."""

    camera_id: str
    setting: AnalyticSetting
    interval: Interval


class Rehearsing:
    def __init__(
        self,
        reception: Reception,
        gatekeeper: Gatekeeper,
        site: Site,
        manifests: Mapping[str, AnalyticManifest],
        maker: RehearsalMaker,
        clock: Clock,
    ) -> None:
        self._reception = reception
        self._gatekeeper = gatekeeper
        self._site = site
        self._maker = maker
        self._clock = clock
        self.manifests = {
            name: manifest for name, manifest in manifests.items() if manifest.kinds and not manifest.hears
        }
        """Those that tell alerts of what is seen."""

    def run(self, account: Account, reason: str, trial: Trial, progress: Progress) -> list[Event]:
        """Takes minutes for an hour. Raises ``Refused``, ``NotFound`` and ``Invalid``; asked again each second while it
        works, so that it ends with the mandate."""
        desk = self._reception.open_desk(account, Use.REVIEW, reason)
        camera = self.allowed(trial)
        asked_us = self._clock.now_us()

        def going_on(share: float) -> None:
            nonlocal asked_us
            now_us = self._clock.now_us()
            if now_us - asked_us >= SECOND_US:
                asked_us = now_us
                self._gatekeeper.trial(camera, trial.setting)
            progress(share)

        said = f"{trial.setting.analytic_id} for {trial.setting.purpose}"
        return desk.rehearse(camera.id, trial.interval, self._maker(camera, trial.setting), said, going_on)

    def allowed(self, trial: Trial) -> Camera:
        """Whether it may be tried at all, before anything waits for it; the camera as the site declares it."""
        camera = self._site.camera(trial.camera_id)
        if camera is None:
            raise NotFound(f"the running site has no camera {trial.camera_id}")
        if not 0 < trial.interval.length_us <= LONGEST_TRY_US:
            raise Invalid("an analytic is tried on at most an hour", where="interval", remedy="ask for less")
        wrong = list(self._wrong(camera, trial.setting))
        if wrong:
            raise Invalid("; ".join(wrong), where=f"analytic {trial.setting.analytic_id}")
        self._gatekeeper.trial(camera, trial.setting)
        return camera

    def _wrong(self, camera: Camera, setting: AnalyticSetting) -> Iterator[str]:
        manifest = self.manifests.get(setting.analytic_id)
        if manifest is None:
            yield f"there is no analytic `{setting.analytic_id}` that tells alerts of what is seen"
            return
        for key in _DRAWN:
            named: tuple[str, ...] = getattr(setting, key)
            known = {drawn.id for drawn in getattr(camera, key)}
            yield from (f"unknown in `{key}`: {name}" for name in named if name not in known)
            if getattr(manifest, f"needs_{key}") and not named:
                yield f"`{manifest.id}` needs at least one of `{key}`"
        if manifest.needs_ground and camera.ground is None:
            yield f"`{manifest.id}` needs a calibrated ground"
        limits = {parameter.name: parameter for parameter in manifest.parameters}
        for name, value in setting.parameters.items():
            limit = limits.get(name)
            if limit is None:
                yield f"unknown parameter `{name}`; there are: {', '.join(limits) or 'none'}"
            elif not limit.low <= float(value) <= limit.high:
                yield f"`{name}` is {limit.low:g} to {limit.high:g} {limit.unit}".rstrip()
