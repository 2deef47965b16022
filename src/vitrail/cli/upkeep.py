"""``upkeep``: declared walls and furniture, how they stand, and what was repaired."""

__all__ = ["app"]

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail.cli.desk import signed_in
from vitrail.cli.places import ACCOUNT, PASSWORD, REASON, SITE, STATE
from vitrail.cli.screen import out
from vitrail.domain.errors import Invalid
from vitrail.domain.events import Place
from vitrail.domain.people import Use
from vitrail.domain.time import iso
from vitrail.domain.upkeep import Condition, Said, Upkept, spot

app = typer.Typer(no_args_is_help=True, help="Declared walls and furniture: how they stand, what was repaired.")
_WHICH = Annotated[str, typer.Argument(help="`asset:CAMERA/ID` or `surface:CAMERA/ID`, as `list` prints it.")]
_WORDS = Annotated[str, typer.Option("--words", help="What was done, in 3 to 300 letters; it stays in the history.")]


@app.command("list")
def list_things(
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    condition: Annotated[
        Condition | None, typer.Option("--state", help="Only those in this condition.", show_default="all")
    ] = None,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """List every declared wall and piece of furniture of your cameras with its condition."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        things = desks.reception.open_desk(account, Use.UPKEEP, reason).upkeep()
    table = Table(header_style="bold")
    for heading in ("which", "name", "kind", "condition", "since", "request"):
        table.add_column(heading, overflow="fold")
    for thing in things:
        if condition in (None, thing.condition):
            sent = ", ".join(f"{n.recipient_id} {n.state.value}" for n in thing.notices[:1])
            since = iso(thing.since_us)[:16] if thing.since_us else ""
            table.add_row(spot(thing.place), thing.name, thing.kind, thing.condition.value, since, sent)
    out.print(table)


@app.command()
def show(
    which: _WHICH, by: ACCOUNT, password: PASSWORD, reason: REASON, site: SITE = Path(), state: STATE = None
) -> None:
    """Show one of them with its history and the requests about it."""
    place = _place(which)
    with signed_in(site, state, by, password, reason) as (desks, account):
        _tell(desks.reception.open_desk(account, Use.UPKEEP, reason).upkept(place))


@app.command()
def repaired(
    which: _WHICH,
    words: _WORDS,
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Say that it was repaired or cleaned. What stands there then is learnt as the new normal."""
    _say(which, Said.REPAIRED, words, by, password, reason, site, state)


@app.command()
def whole(
    which: _WHICH,
    words: _WORDS,
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Say that it is in order as it stands, whatever was told of it; its look is learnt anew."""
    _say(which, Said.WHOLE, words, by, password, reason, site, state)


def _say(
    which: str, said: Said, words: str, by: str, password: str, reason: str, site: Path, state: Path | None
) -> None:
    place = _place(which)
    with signed_in(site, state, by, password, reason) as (desks, account):
        thing = desks.reception.open_desk(account, Use.UPKEEP, reason).say_of(place, said, words)
    out.print(f"{spot(place)} is {thing.condition.value}")


def _place(which: str) -> Place:
    """Raises ``Invalid``."""
    drawn, _, rest = which.partition(":")
    camera, _, name = rest.partition("/")
    if drawn not in ("asset", "surface") or not camera or not name:
        raise Invalid(f"`{which}` names no wall and no furniture", remedy="write asset:CAMERA/ID or surface:CAMERA/ID")
    return Place(camera, surface_id=name) if drawn == "surface" else Place(camera, asset_id=name)


def _tell(thing: Upkept) -> None:
    since = f" since {iso(thing.since_us)}" if thing.since_us else ""
    out.print(f"{spot(thing.place)}: {thing.name} ({thing.kind}) is {thing.condition.value}{since}")
    if thing.suggested:
        out.print(f"  perhaps repaired: {thing.suggested.value}")
    for notice in thing.notices:
        number = f", their number {notice.number}" if notice.number else ""
        problem = f": {notice.problem}" if notice.problem else ""
        out.print(f"  request {notice.id} to {notice.recipient_id}: {notice.state.value}{number}{problem}")
    for step in thing.steps:
        words = f": {step.words}" if step.words else ""
        out.print(f"  {iso(step.at_us)} {step.said.value} by {step.by}{words}")
