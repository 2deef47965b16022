"""The shape of ``mandates/*.yaml``: the lawful instrument that lets machines process named streams (L01, L03-L05)."""

__all__ = ["AlternativeShape", "ArgumentShape", "CellShape", "DecisionShape", "MandateShape", "PurposeShape"]

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from vitrail.adapters.sitefolder.words import Date, Moment, Name, Names, Shape, Text, WeeklyHours
from vitrail.domain.mandates import OBJECTIVES


class DecisionShape(Shape):
    """The published decision the mandate rests on (L01)."""

    body: Text = Field(description="Who decided.")
    number: Text = Field(description="Number of the decision, in quotes.")
    date: Date = Field(description="Its date, YYYY-MM-DD.")
    url: Text = Field(description="Where anybody can read it.")
    document: Text = Field(description="The file itself, beside this mandate (a path relative to it).")
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="SHA-256 of that file; `sha256sum FILE` prints it. A changed document closes the gate."
    )


class PurposeShape(Shape):
    """An objective, the harm it addresses, how success is measured and when it is looked at again (L03)."""

    id: Name = Field(description="Short name, used in `matrix` and in `site.yaml`.")
    objective: Text = Field(description="One of the closed list: " + ", ".join(f"`{o}`" for o in OBJECTIVES) + ".")
    harm: Text = Field(description="The harm addressed, concretely: what happened, where, how often.")
    success: Text = Field(description="How one will know that it helps: a measure and a figure.")
    review: Date = Field(description="When the purpose is reviewed, YYYY-MM-DD.")


class CellShape(Shape):
    """One camera or microphone, one analytic, one purpose. There is no wildcard (L04)."""

    camera: Name | None = Field(default=None, description="Id of a camera of `site.yaml`.")
    microphone: Name | None = Field(
        default=None, description="Or id of a microphone; outside `lab` a mandate names cameras or microphones (L18)."
    )
    analytic: Name = Field(description="Id of an analytic.")
    purpose: Name = Field(description="Id of a purpose of this mandate.")

    @model_validator(mode="after")
    def _one_device(self) -> "CellShape":
        if (self.camera is None) is (self.microphone is None):
            raise ValueError("name one camera or one microphone")
        return self

    @property
    def device(self) -> str:
        return self.camera or self.microphone or ""


class AlternativeShape(Shape):
    """Another way to the same end that was looked at."""

    what: Text = Field(description="What could be done instead: light, a fence, people on the spot.")
    algorithmic: bool = Field(description="Whether it is software that analyses, too.")
    why_not: Text = Field(description="Why it is not enough, with what was tried.")


class ArgumentShape(Shape):
    """Why one analytic may run (L05)."""

    analytic: Name = Field(description="Id of an analytic of `matrix`.")
    necessity: Text = Field(description="Why the purpose cannot be reached without it.")
    alternatives: list[AlternativeShape] = Field(
        min_length=1, description="What else was considered; the first is not algorithmic."
    )
    expected_rate: Text = Field(description="How many alerts a day are expected, and how many of them right: figures.")
    failure_modes: list[Text] = Field(min_length=1, description="How it goes wrong at this place.")


class MandateShape(Shape):
    """A mandate."""

    id: Name = Field(description="Unique within the site.")
    title: Text = Field(description="What screens and the register call it.")
    mode: Literal["lab", "statistics", "alert", "inquiry"] = Field(
        description="`lab`: recordings you own, for trying. `statistics`: counts only. `alert`: live alerts to an "
        "operator. `inquiry`: search inside a case. The legal profile says which exist."
    )
    controller: Text = Field(description="Who answers for the processing: name and address.")
    legal_basis: Text = Field(description="The text that allows it.")
    decision: DecisionShape = Field(description="The published decision.")
    supplier: Text = Field(description="Who supplies and runs it (L01).")
    cost: Text = Field(description="What it costs, a year, all included (L01).")
    start: Moment = Field(description="First moment, YYYY-MM-DD or YYYY-MM-DDTHH:MM, in the site's time zone.")
    end: Moment = Field(description="First moment no longer covered, same forms. Processing stops there.")
    hours: WeeklyHours | None = Field(default=None, description="When machines may look; always when left out.")
    retention_hours: float = Field(
        default=72, gt=0, description="How long recordings and alerts live; the legal profile caps it (L15)."
    )
    purposes: list[PurposeShape] = Field(min_length=1, description="What it is for.")
    matrix: list[CellShape] = Field(min_length=1, description="What may run: explicit triples.")
    arguments: list[ArgumentShape] = Field(
        default=[], description="One for each analytic of `matrix`; required outside `lab` (L05)."
    )
    recipients: list[Text] = Field(
        default=[], description="Who receives what leaves, besides the staff with accounts; `[]` for nobody."
    )
    recording: Names = Field(default=[], description="Cameras whose `record` stream may be kept.")
