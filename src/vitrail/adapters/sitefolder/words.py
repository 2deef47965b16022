"""The small words of a site folder, as pydantic types: ids, places, hours, times; wildcards are refused here."""

__all__ = [
    "DAYS",
    "Corner",
    "Date",
    "Moment",
    "Name",
    "Names",
    "Ring",
    "Shape",
    "Text",
    "WeeklyHours",
    "YearlySeason",
]

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WILDCARDS = frozenset({"all", "any", "every", "everything", "tous", "toutes", "tout", "**", "*"})

ID_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,39}$"
TIME_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"
DATE_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
DAY_PATTERN = r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
MOMENT_PATTERN = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?)?$"
)


class Shape(BaseModel):
    """Every mapping of a site folder: unknown keys are refused, nothing is converted behind the writer's back."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def _no_wildcard(value: object) -> object:
    """Before the pattern, so that the law is named and not a character class."""
    if isinstance(value, str) and (value.strip().lower() in WILDCARDS or "*" in value):
        raise PydanticCustomError("wildcard", "`{value}` is a wildcard: each one is named (L04)", {"value": value})
    return value


def _no_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "is empty")
    return value


Text = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_no_blank)]
Name = Annotated[str, BeforeValidator(_no_wildcard), StringConstraints(pattern=ID_PATTERN)]
Names = Annotated[list[Name], BeforeValidator(_no_wildcard)]
Date = Annotated[str, StringConstraints(pattern=DATE_PATTERN)]
Moment = Annotated[str, StringConstraints(pattern=MOMENT_PATTERN)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Corner = Annotated[list[Share], Field(min_length=2, max_length=2)]
Ring = Annotated[list[Corner], Field(min_length=3, max_length=64)]


class YearlySeason(Shape):
    """Days of the year in the site's time zone, both within. A `to` before `from` runs past New Year."""

    from_: Annotated[str, StringConstraints(pattern=DAY_PATTERN)] = Field(
        alias="from", description="First day, MM-DD, in quotes."
    )
    to: Annotated[str, StringConstraints(pattern=DAY_PATTERN)] = Field(description="Last day, MM-DD, in quotes.")


class WeeklyHours(Shape):
    """Weekly hours in the site's time zone. A `to` before `from` runs past midnight."""

    days: list[Day] = Field(
        default=list(DAYS), min_length=1, description="Days on which the hours begin; every day when left out."
    )
    from_: Annotated[str, StringConstraints(pattern=TIME_PATTERN)] = Field(
        alias="from", description="First minute, HH:MM, in quotes."
    )
    to: Annotated[str, StringConstraints(pattern=TIME_PATTERN)] = Field(
        description="First minute no longer included, HH:MM or 24:00, in quotes."
    )
