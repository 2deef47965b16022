"""Which analytics there are: our own, and those that installed packages add.

A package adds one with an entry point in the group ``vitrail.analytics`` that names its factory. One that cannot be
loaded, or whose manifest is not whole, stops the start by its name: an analytic that silently is not there is worse.
"""

__all__ = ["BUILT_IN", "EARS", "GROUP", "Registry"]

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import cast

from vitrail.analytics.contract import Analytic, AnalyticFactory, SoundAnalytic, SoundAnalyticFactory
from vitrail.analytics.crowd import CrowdMotion
from vitrail.analytics.dwell import Dwell
from vitrail.analytics.fall import Fall
from vitrail.analytics.fight import Fight
from vitrail.analytics.fire import Fire
from vitrail.analytics.furniture import Furniture
from vitrail.analytics.graffiti import Graffiti
from vitrail.analytics.left_object import LeftObject
from vitrail.analytics.line import LineCrossing
from vitrail.analytics.occupancy import Occupancy
from vitrail.analytics.pedestrian_zone import PedestrianZone
from vitrail.analytics.presence import Presence
from vitrail.analytics.removed_object import RemovedObject
from vitrail.analytics.sightings import Sightings
from vitrail.analytics.sound import Sound
from vitrail.analytics.speed import Speed
from vitrail.analytics.stopped_vehicle import StoppedVehicle
from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.errors import Conflict, Invalid, NotFound
from vitrail.domain.mandates import OBJECTIVES
from vitrail.domain.streams import AnalyticSetting, Camera, Microphone

BUILT_IN: tuple[AnalyticFactory, ...] = (
    Presence,
    Dwell,
    Fire,
    Furniture,
    Graffiti,
    LineCrossing,
    Occupancy,
    LeftObject,
    RemovedObject,
    StoppedVehicle,
    PedestrianZone,
    Speed,
    CrowdMotion,
    Fight,
    Fall,
    Sightings,
)
EARS: tuple[SoundAnalyticFactory, ...] = (Sound,)
"""Those that listen. They share nothing with the others but the form of their manifest (law.md L18)."""
GROUP = "vitrail.analytics"


@dataclass(frozen=True, slots=True)
class Registry:
    """Factories by the id in their manifest."""

    factories: Mapping[str, AnalyticFactory]
    ears: Mapping[str, SoundAnalyticFactory] = field(default_factory=dict)

    @classmethod
    def load(cls, plugins: Iterable[EntryPoint] | None = None) -> "Registry":
        """Our own and ``plugins`` (what is installed, when not given). Raises ``Invalid`` and ``Conflict``."""
        factories: dict[str, AnalyticFactory | SoundAnalyticFactory] = {}
        for factory in BUILT_IN:
            _add(factories, factory, "built in")
        for ear in EARS:
            _add(factories, ear, "built in")
        for entry in entry_points(group=GROUP) if plugins is None else plugins:
            _add(factories, _loaded(entry), _source(entry))
        hears = {name: factory.MANIFEST.hears for name, factory in factories.items()}
        seeing = {name: cast(AnalyticFactory, f) for name, f in factories.items() if not hears[name]}
        hearing = {name: cast(SoundAnalyticFactory, f) for name, f in factories.items() if hears[name]}
        return cls(MappingProxyType(seeing), MappingProxyType(hearing))

    @property
    def manifests(self) -> Mapping[str, AnalyticManifest]:
        seeing = {name: factory.MANIFEST for name, factory in self.factories.items()}
        return {**seeing, **{name: ear.MANIFEST for name, ear in self.ears.items()}}

    def make(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> Analytic:
        factory = self.factories.get(setting.analytic_id)
        if factory is None:
            known = ", ".join(sorted(self.factories))
            raise NotFound(f"there is no analytic `{setting.analytic_id}`", where=camera.id, remedy=f"one of {known}")
        return factory(camera, stream_id, setting)

    def make_ear(self, microphone: Microphone, setting: AnalyticSetting) -> SoundAnalytic:
        factory = self.ears.get(setting.analytic_id)
        if factory is None:
            known = ", ".join(sorted(self.ears))
            what = f"there is no analytic `{setting.analytic_id}` that listens"
            raise NotFound(what, where=microphone.id, remedy=f"one of {known}")
        return factory(microphone, setting)


def _source(entry: EntryPoint) -> str:
    package = entry.dist.name if entry.dist else "an unknown package"
    return f"{entry.name} = {entry.value} of {package}"


def _loaded(entry: EntryPoint) -> AnalyticFactory | SoundAnalyticFactory:
    try:
        factory: AnalyticFactory | SoundAnalyticFactory = entry.load()
    except Exception as error:
        raise Invalid(
            f"the analytic `{entry.name}` cannot be loaded: {type(error).__name__}: {error}",
            where=_source(entry),
            remedy="mend or uninstall that package",
        ) from error
    return factory


def _add(
    factories: dict[str, AnalyticFactory | SoundAnalyticFactory],
    factory: AnalyticFactory | SoundAnalyticFactory,
    source: str,
) -> None:
    manifest = getattr(factory, "MANIFEST", None)
    if not isinstance(manifest, AnalyticManifest) or not callable(factory):
        raise Invalid("an analytic is a callable with a MANIFEST", where=source, remedy="see docs/analytics")
    wrong = list(_wrong(manifest))
    if wrong:
        raise Invalid(f"the manifest of `{manifest.id}` is not whole: {'; '.join(wrong)}", where=source)
    if manifest.id in factories:
        raise Conflict(f"there are two analytics `{manifest.id}`", where=source, remedy="uninstall one of them")
    factories[manifest.id] = factory


def _wrong(manifest: AnalyticManifest) -> Iterable[str]:
    """What an analytic must say of itself before it may run (L03, L05)."""
    for name in ("id", "version", "title", "category", "must_not"):
        if not str(getattr(manifest, name)).strip():
            yield f"`{name}` is empty"
    for name in ("inputs", "purposes", "limits"):
        if not getattr(manifest, name):
            yield f"`{name}` names nothing"
    if not manifest.kinds and not manifest.readings:
        yield "it neither tells events nor gives readings"
    for purpose in sorted(manifest.purposes - set(OBJECTIVES)):
        yield f"`{purpose}` is no objective"
    if "evaluation" in manifest.purposes:
        yield "`evaluation` is never named: it serves every analytic, in mode `lab` only"
    for parameter in manifest.parameters:
        if not parameter.low <= parameter.default <= parameter.high:
            yield f"the default of `{parameter.name}` is out of its own range"
