"""``notices``: requests that leave to those who clean and repair."""

__all__ = ["app"]

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail.cli.desk import signed_in
from vitrail.cli.places import ACCOUNT, CACHE, PASSWORD, REASON, SITE, STATE, cache_folder
from vitrail.cli.screen import out
from vitrail.domain.people import Use
from vitrail.domain.time import iso

app = typer.Typer(no_args_is_help=True, help="Requests to those who clean and repair: each confirmed alert makes one.")


@app.command("list")
def list_notices(by: ACCOUNT, password: PASSWORD, reason: REASON, site: SITE = Path(), state: STATE = None) -> None:
    """List requests about your cameras, newest first, with what became of each."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        notices = desks.reception.open_desk(account, Use.UPKEEP, reason).notices()
    table = Table(header_style="bold")
    for heading in ("request", "to", "state", "their number", "confirmed", "tries", "said"):
        table.add_column(heading, overflow="fold")
    for one in notices:
        told = one.problem or one.answer
        created = iso(one.created_us)[:16]
        table.add_row(one.id, one.recipient_id, one.state.value, one.number, created, str(one.tries), told)
    out.print(table)


@app.command()
def again(
    which: Annotated[str, typer.Argument(help="The request, as `list` prints it.", metavar="REQUEST")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Let one that failed be sent again. Look first whether they have it after all."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        notice = desks.reception.open_desk(account, Use.UPKEEP, reason).send_again(which)
    out.print(f"{notice.id} is {notice.state.value}")


@app.command()
def send(
    by: ACCOUNT, password: PASSWORD, reason: REASON, site: SITE = Path(), state: STATE = None, cache: CACHE = None
) -> None:
    """Hand over now what is due, and ask what became of what left; `vitrail watch` does so by itself."""
    with signed_in(site, state, by, password, reason, cache_folder(cache)) as (desks, account):
        desks.reception.open_desk(account, Use.UPKEEP, reason).notices()
        taken = desks.release.sweep()
    out.print(f"{taken} taken in")
