"""What somebody does first, by role: shown once on the page where their work begins, and always on the help page."""

__all__ = ["STEPS", "Step"]

from collections.abc import Mapping
from dataclasses import dataclass

from vitrail.console.language import N_
from vitrail.domain.people import Role


@dataclass(frozen=True, slots=True)
class Step:
    """``address``: the page where it is done."""

    address: str
    name: str
    what: str


_SHIFT = Step(
    "/handover",
    N_("Take the shift over"),
    N_("Read what the shift before you left, and press that you take over. Leave a note when you go."),
)
_STREAMS = Step(
    "/streams",
    N_("See that every camera answers"),
    N_("Each line is one stream: awake is well; a problem says what is wrong and stands here first."),
)
_LEDGER = Step(
    "/ledger",
    N_("Verify the ledger"),
    N_("Every look at a picture stands there before the picture was shown. One button recomputes all of it."),
)
_FIGURES = Step(
    "/figures",
    N_("Read the figures"),
    N_("How often alerts were right, with how sure that is; what they cost people. Each chart has its table and CSV."),
)

STEPS: Mapping[Role, tuple[Step, ...]] = {
    Role.OPERATOR: (
        _SHIFT,
        Step(
            "/",
            N_("Look at what waits"),
            N_("Alerts come by themselves, at the left. J and K choose one, Enter opens it; B keeps the screen black."),
        ),
        Step(
            "/alerts",
            N_("Say what it was"),
            N_("On an alert: C confirms, D dismisses, a number says why; space plays. The next one comes by itself."),
        ),
        Step("/map", N_("Know the place"), N_("Where cameras stand, what they see, and which are gone.")),
    ),
    Role.TECHNICIAN: (
        _STREAMS,
        Step(
            "/upkeep",
            N_("See what is broken in the street"),
            N_("Walls and furniture with their condition. R on one of them says that it was repaired."),
        ),
        Step(
            "/setup",
            N_("Draw what a camera needs"),
            N_("Zones, lines and dwelling masks; each camera says what is still refused, and by which rule."),
        ),
        Step("/map", N_("Know the place"), N_("Where cameras stand, what they see, and which are gone.")),
    ),
    Role.INVESTIGATOR: (
        Step(
            "/cases",
            N_("Open a case"),
            N_("A reference, a legal basis, the cameras and the hours: nothing outside them can be looked at."),
        ),
        Step(
            "/cases",
            N_("Search inside it"),
            N_("Vehicles, things, places and events, in your words or by a photograph. People are never searched for."),
        ),
        Step(
            "/cases",
            N_("Replay and pin"),
            N_("All cameras of the case on one clock; pin what matters, then ask for the bundle that a judge checks."),
        ),
        Step(
            "/recording",
            N_("Look at a minute"),
            N_("Any minute that is still recorded, masked; what changed at a place is found by drawing a box."),
        ),
    ),
    Role.OFFICER: (
        Step(
            "/rights",
            N_("Answer who was filmed"),
            N_("A request keeps its recording until it is answered, one month at most. Late ones stand at the top."),
        ),
        Step(
            "/cases",
            N_("Agree, or not, to what cases ask for"),
            N_("A box without masks, or originals handed out, need two people in two roles: you are one of them."),
        ),
        _LEDGER,
        Step(
            "/stop",
            N_("Know how to stop it"),
            N_("One order ends all analysis before the next picture, in public; two people in two roles resume it."),
        ),
        _FIGURES,
    ),
    Role.AUDITOR: (
        _LEDGER,
        _FIGURES,
        Step(
            "/followup",
            N_("Follow an alert to its end"),
            N_("Who saw it, when, what came of it, and which nobody handled; counted from the ledger alone."),
        ),
        Step(
            "/rights",
            N_("See whether requests are answered in time"),
            N_("What was asked for, how it was answered, and which deadline has passed."),
        ),
    ),
    Role.ADMINISTRATOR: (
        _STREAMS,
        Step(
            "/setup",
            N_("Draw what a camera needs"),
            N_("Zones, lines and dwelling masks; each camera says what is still refused, and by which rule."),
        ),
        Step(
            "/account",
            N_("Give everybody an account of their own"),
            N_("On the machine: vitrail account add. A role decides which pages open, a territory which cameras."),
        ),
        Step(
            "/stop",
            N_("Know how to stop it"),
            N_("One order ends all analysis before the next picture, in public; two people in two roles resume it."),
        ),
    ),
}
