"""Legal profiles: a country's rules as packaged data, each line with its source (law.md: dates never go into code)."""

__all__ = ["profile_ids", "read_profile"]

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import Field

from vitrail.adapters.sitefolder.document import read_document
from vitrail.adapters.sitefolder.moments import moment_us
from vitrail.adapters.sitefolder.shaping import Report
from vitrail.adapters.sitefolder.words import Date, Name, Shape, Text
from vitrail.domain.errors import Corrupt, NotFound
from vitrail.domain.mandates import LegalProfile, Mode, PlaceRules, Rule, Standing
from vitrail.domain.time import DAY_US


class RuleShape(Shape):
    standing: Literal["allowed", "forbidden", "unknown"]
    source: Text
    note: str = ""


class CapShape(Shape):
    days: int = Field(gt=0)
    source: Text


class ClosedShape(Shape):
    """What holds for microphones in closed places instead of the general rules."""

    surroundings: list[Name] = Field(min_length=1)
    modes: list[Literal["lab", "statistics", "alert", "inquiry"]] = Field(default=[])
    kinds: dict[Name, RuleShape]


class ProfileShape(Shape):
    id: Name
    name: Text
    last_verified: Date
    stale_after_days: int = Field(gt=0)
    modes: list[Literal["lab", "statistics", "alert", "inquiry"]] = Field(min_length=1)
    max_retention: CapShape
    max_mandate: CapShape | None = None
    banner: dict[Literal["fr", "en"], Text]
    kinds: dict[Name, RuleShape]
    closed_places: ClosedShape | None = None


def profile_ids() -> tuple[str, ...]:
    names = (entry.name for entry in resources.files(__package__).joinpath("profiles").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def read_profile(profile_id: str) -> LegalProfile:
    """Raises ``NotFound`` for a profile that is not packaged, ``Corrupt`` when the packaged file was damaged."""
    if profile_id not in profile_ids():
        raise NotFound(f"no legal profile `{profile_id}`", remedy=f"known: {', '.join(profile_ids())}")
    with resources.as_file(resources.files(__package__) / "profiles" / f"{profile_id}.yaml") as path:
        shape = _shape(path)
    return LegalProfile(
        id=shape.id,
        name=shape.name,
        modes=frozenset(Mode(mode) for mode in shape.modes),
        kinds=_rules(shape.kinds),
        last_verified_us=moment_us(shape.last_verified, "UTC"),
        stale_after_us=shape.stale_after_days * DAY_US,
        max_retention_us=shape.max_retention.days * DAY_US,
        banner={str(language): text for language, text in shape.banner.items()},
        max_mandate_us=shape.max_mandate.days * DAY_US if shape.max_mandate else None,
        places=_places(shape.closed_places),
    )


def _rules(kinds: Mapping[str, RuleShape]) -> Mapping[str, Rule]:
    return {kind: Rule(Standing(rule.standing), rule.source, rule.note) for kind, rule in kinds.items()}


def _places(closed: ClosedShape | None) -> Mapping[str, PlaceRules]:
    if closed is None:
        return {}
    rules = PlaceRules(frozenset(Mode(mode) for mode in closed.modes), _rules(closed.kinds))
    return dict.fromkeys(closed.surroundings, rules)


def _shape(path: Path) -> ProfileShape:
    document, problems = read_document(path, path.name)
    report = Report(document, problems)
    shape = report.shape(ProfileShape, document.value, ())
    if shape is None or report.problems:
        raise Corrupt(f"the packaged legal profile {path.name} is damaged: {report.problems}", remedy="install again")
    return shape
