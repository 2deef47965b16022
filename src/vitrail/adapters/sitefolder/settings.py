"""Which analytics a camera runs: against what is drawn, what the analytics declare and what mandates are for."""

__all__ = ["SettingReader"]

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vitrail.adapters.sitefolder.document import Path
from vitrail.adapters.sitefolder.moments import season, weekly_hours
from vitrail.adapters.sitefolder.shaping import Item, Report, did_you_mean
from vitrail.adapters.sitefolder.site_shape import AnalyticShape
from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.ground import Ground
from vitrail.domain.streams import AnalyticSetting, Zone

_DRAWN = {"zones": "zone", "lines": "line", "surfaces": "surface", "assets": "asset"}
"""What may be drawn on a picture and named by a setting: key of the list, and word for one."""


@dataclass(frozen=True, slots=True)
class SettingReader:
    report: Report
    manifests: Mapping[str, AnalyticManifest]
    purposes: frozenset[str] | None
    zone: str
    hears: bool = False
    """Whether it reads what microphones run: then only analytics that listen, and otherwise none of them."""

    def settings(self, raw: Mapping[str, Any], path: Path) -> tuple[AnalyticSetting, ...]:
        """The camera ``raw`` at ``path``."""
        items = self.report.items(AnalyticShape, raw, (*path, "analytics"))
        for item in items:
            self._references(item, raw)
        settings = (self._setting(item) for item in items)
        return tuple(setting for setting in settings if setting)

    def ask_ground(self, raw: Mapping[str, Any], ground: Ground | None, zones: Sequence[Zone], path: Path) -> None:
        """Says which analytics of the camera ``raw`` tell metres that nobody knows."""
        unseen = {zone.id for zone in zones if ground and ground.area_m2(zone.polygon) is None}
        for index, item in _items(raw, "analytics"):
            manifest = self.manifests.get(str(item.get("analytic")))
            if manifest is None or not manifest.needs_ground:
                continue
            here = (*path, "analytics", index)
            if ground is None:
                remedy = "give the camera a `ground`; docs/calibration.md says how"
                self.report.say(here, f"`{manifest.id}` needs a calibrated ground", remedy)
            named = item.get("zones")
            for place, name in enumerate(named if isinstance(named, list) else []):
                zone = next((zone for zone in zones if zone.id == name), None)
                steep = ground.steepest_deg(zone.polygon) if ground and zone and name not in unseen else 0.0
                if steep > manifest.steepest_deg:
                    what = f"`{name}` is seen from {steep:.0f} degrees above: `{manifest.id}` cannot tell there"
                    self.report.say((*here, "zones", place), what, f"at most {manifest.steepest_deg:.0f} degrees")
                if name in unseen:
                    what = f"`{name}` reaches the horizon: `{manifest.id}` cannot say how large it is"
                    self.report.say((*here, "zones", place), what, "draw it on the ground only")

    def _references(self, item: Item[AnalyticShape], raw: Mapping[str, Any]) -> None:
        shape, say = item.shape, self.report
        for key, what in _DRAWN.items():
            known = _ids(raw, key)
            named: list[str] = getattr(shape, key)
            for index, name in enumerate(named):
                if name not in known:
                    say.unknown((*item.path, key, index), what, name, known)
                if name in named[:index]:
                    say.say((*item.path, key, index), f"{what} `{name}` is named twice", "name it once")
        for index, name in enumerate(shape.except_):
            if name not in _ids(raw, "zones"):
                say.unknown((*item.path, "except", index), "zone", name, _ids(raw, "zones"))
            elif name in shape.zones:
                say.say((*item.path, "except", index), f"`{name}` is watched and excepted", "name it once")
        if self.purposes is not None and shape.purpose not in self.purposes:
            say.unknown((*item.path, "purpose"), "purpose", shape.purpose, self.purposes)

    def _setting(self, item: Item[AnalyticShape]) -> AnalyticSetting | None:
        shape = item.shape
        manifest = self.manifests.get(shape.analytic)
        if manifest is None:
            self.report.unknown((*item.path, "analytic"), "analytic", shape.analytic, self.manifests)
            return None
        if manifest.hears is not self.hears:
            what = f"`{manifest.id}` {'listens' if manifest.hears else 'looks at pictures'} (L18)"
            self.report.say((*item.path, "analytic"), what, "switch it on for a device of the other kind")
            return None
        for key, what in _DRAWN.items():
            if getattr(manifest, f"needs_{key}") and not getattr(shape, key):
                article = "an" if what == "asset" else "a"
                remedy = f"draw {article} {what} and name it in `{key}`"
                self.report.say(item.path, f"`{manifest.id}` needs at least one {what}", remedy)
        if shape.except_ and not manifest.exempts:
            self.report.say((*item.path, "except"), f"`{manifest.id}` has no exceptions", "leave `except` out")
        self._parameters(item, manifest)
        try:
            hours = weekly_hours(shape.hours, self.zone)
        except ValueError as error:
            self.report.say((*item.path, "hours"), str(error), "leave `hours` out for always")
            return None
        try:
            days = season(shape.season, self.zone)
        except ValueError as error:
            self.report.say((*item.path, "season"), str(error), "leave `season` out for all year")
            return None
        return AnalyticSetting(
            analytic_id=shape.analytic,
            purpose=shape.purpose,
            zones=tuple(shape.zones),
            lines=tuple(shape.lines),
            surfaces=tuple(shape.surfaces),
            assets=tuple(shape.assets),
            hours=hours,
            season=days,
            exempt=tuple(shape.except_),
            parameters=dict(shape.parameters),
        )

    def _parameters(self, item: Item[AnalyticShape], manifest: AnalyticManifest) -> None:
        known = {parameter.name: parameter for parameter in manifest.parameters}
        for name, value in item.shape.parameters.items():
            path = (*item.path, "parameters", name)
            parameter = known.get(name)
            if parameter is None:
                listed = f"`{manifest.id}` has: {', '.join(known)}" if known else f"`{manifest.id}` has none"
                self.report.say(path, f"unknown parameter `{name}`", did_you_mean(name, known) or listed)
            elif not parameter.low <= value <= parameter.high:
                span = f"{parameter.low:g} to {parameter.high:g} {parameter.unit}".rstrip()
                self.report.say(path, f"{value:g} is out of range", f"{span} ({parameter.meaning})")


def _items(raw: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = raw.get(key)
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(row, dict):
            yield index, row


def _ids(raw: Mapping[str, Any], key: str) -> frozenset[str]:
    return frozenset(str(row.get("id")) for _, row in _items(raw, key))
