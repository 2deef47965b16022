"""Which analytics there are, and what they must say of themselves."""

from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from tests.analytics.plaza import CAMERA
from tests.analytics.scenes import T0, Thing, play, setting, stays_at
from vitrail import compose
from vitrail.adapters.sitefolder.profiles import read_profile
from vitrail.analytics.presence import MANIFEST, Presence
from vitrail.analytics.registry import BUILT_IN, GROUP, Registry
from vitrail.domain.analytics import DeclaredRate
from vitrail.domain.detections import Label
from vitrail.domain.errors import Conflict, Invalid, NotFound
from vitrail.domain.events import Event, Reading
from vitrail.domain.mandates import OBJECTIVES
from vitrail.domain.sightings import Draft

ROOT = Path(__file__).resolve().parents[2]


class Unlike(Presence):
    """A plug-in, as an installed package would bring it."""

    MANIFEST = replace(MANIFEST, id="unlike")


class Careless(Presence):
    MANIFEST = replace(MANIFEST, id="careless", limits=(), purposes=frozenset({"watching"}))


class Greedy(Presence):
    MANIFEST = replace(MANIFEST, id="greedy", purposes=frozenset({"evaluation"}))


class Nameless:
    pass


def entry(value: str, name: str = "extra") -> EntryPoint:
    return EntryPoint(name, value, GROUP)


HERE = "tests.analytics.test_registry"


@pytest.fixture(params=sorted(factory.MANIFEST.id for factory in BUILT_IN))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_our_own_are_there() -> None:
    assert set(Registry.load(()).manifests) >= {"presence", "dwell", "line", "occupancy", "stopped_vehicle"}


def test_a_manifest_says_everything(name: str) -> None:
    manifest = Registry.load(()).manifests[name]
    assert manifest.purposes <= set(OBJECTIVES) - {"evaluation"}
    assert manifest.limits and manifest.must_not and manifest.models
    assert all(p.meaning and p.low <= p.default <= p.high for p in manifest.parameters)
    drawn = (manifest.needs_zones, manifest.needs_lines, manifest.needs_surfaces, manifest.needs_assets)
    assert sum(drawn) <= 1


def test_every_kind_has_a_place_in_the_legal_profiles(name: str) -> None:
    for profile in ("lab", "fr", "eu"):
        assert Registry.load(()).manifests[name].kinds <= set(read_profile(profile).kinds), profile


def test_what_is_found_is_what_the_manifest_names(name: str) -> None:
    """Somebody walks through zone and line, and stays, as does a van: every kind and reading is declared. Nobody fights
    or falls, and no place is remembered: those that wait for it say nothing."""
    registry = Registry.load(())
    manifest = registry.manifests[name]
    analytic = registry.make(CAMERA, "gate-main", setting(name))
    walker = Thing(1, lambda t: (0.5, 0.3 + 0.1 * t if t < 3 else 0.6))
    found: list[Event | Reading | Draft] = play(
        analytic, [walker, Thing(2, stays_at(0.4, 0.4)), Thing(3, stays_at(0.6, 0.5), label=Label.TRUCK)], 70
    )
    found += analytic.finish(T0 + 80_000_000).sightings
    assert bool(found) == (name != "fall" and not manifest.inputs & {"place", "picture"})
    for item in found:
        assert isinstance(item, Event | Reading | Draft) and item.stream_id == "gate-main"
        if isinstance(item, Draft):
            assert manifest.kinds == {"sighting"}
        elif isinstance(item, Event):
            assert item.kind in manifest.kinds and (item.analytic, item.version) == (name, manifest.version)
            assert item.measures
        else:
            assert item.name in manifest.readings


def test_a_plug_in_joins_by_its_entry_point() -> None:
    registry = Registry.load([entry(f"{HERE}:Unlike")])
    assert isinstance(registry.make(CAMERA, "gate-main", replace(setting("presence"), analytic_id="unlike")), Unlike)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("no_such_package:Thing", "ModuleNotFoundError"),
        (f"{HERE}:Missing", "AttributeError"),
        (f"{HERE}:Nameless", "MANIFEST"),
        (f"{HERE}:Careless", "`limits` names nothing; `watching` is no objective"),
        (f"{HERE}:Greedy", "evaluation"),
    ],
)
def test_a_damaged_plug_in_stops_the_start_by_its_name(value: str, what: str) -> None:
    with pytest.raises(Invalid) as caught:
        Registry.load([entry(value)])
    assert what in str(caught.value) and value in str(caught.value)


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(Conflict, match="unlike"):
        Registry.load([entry(f"{HERE}:Unlike"), entry(f"{HERE}:Unlike", "again")])
    with pytest.raises(Conflict, match="presence"):
        Registry.load([entry("vitrail.analytics.presence:Presence")])


def test_an_unknown_analytic_is_not_found() -> None:
    with pytest.raises(NotFound, match="dwelling"):
        Registry.load(()).make(CAMERA, "gate-main", replace(setting("presence"), analytic_id="dwelling"))


def test_every_network_that_an_analytic_sees_with_is_fetched_before_a_start(tmp_path: Path) -> None:
    """One that is missed only when the first flame or fight is looked at would end the watching of all."""
    always = compose.models(tmp_path).defaults
    seeing = [manifest for manifest in Registry.load().manifests.values() if not manifest.hears]
    assert {model for manifest in seeing for model in manifest.models} <= set(always)


def test_who_declares_a_rate_names_a_benchmark_that_is_there() -> None:
    declared = [one.declared for one in Registry.load().manifests.values() if one.declared]
    assert len(declared) >= 13
    assert [one.benchmark for one in declared if not (ROOT / one.benchmark).is_file()] == []


def test_sound_declares_what_its_guards_keep() -> None:
    manifest = Registry.load().manifests["sound"]
    (accepted,) = (p.default for p in manifest.parameters if p.name == "false_a_day")
    assert manifest.declared is not None
    assert manifest.declared.a_day == pytest.approx(accepted * len(manifest.kinds))


def test_no_false_alarm_at_all_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="more than none"):
        DeclaredRate(0.0, "benchmarks/some.py")
