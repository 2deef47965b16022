"""``case link``: a bundle for its recipient by a link, agreed to by a second person, taken back at once."""

__all__ = ["app"]

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail.cli.desk import signed_in
from vitrail.cli.places import ACCOUNT, BUNDLE, CASE, PASSWORD, REASON, SITE, STATE
from vitrail.cli.screen import out
from vitrail.domain.bundles import Share
from vitrail.domain.time import DAY_US, iso

app = typer.Typer(no_args_is_help=True, help="Links to bundles, for whom they are.")
_SHARE = Annotated[str, typer.Argument(help="The link's id, as `vitrail case link list` shows it.", metavar="LINK")]


@app.command()
def ask(
    which: BUNDLE,
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    days: Annotated[int, typer.Option(min=1, max=14, help="It ends by itself after so many days.")] = 7,
    downloads: Annotated[int, typer.Option(min=1, max=20, help="And after so many downloads.")] = 3,
    console: Annotated[str, typer.Option(help="Where the recipient reaches the console: https://watch.town.fr")] = "",
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Ask for a link to a finished bundle. It is told once, and opens nothing before a second person agrees."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        share, token = desks.sharing.ask(account, which, days * DAY_US, downloads, reason)
    out.print(f"link {share.id} waits for a second person, and ends on {iso(share.expires_us)}")
    out.print(f"{console.rstrip('/')}/shared/{token}")


@app.command()
def answer(
    which: _SHARE,
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    decline: Annotated[bool, typer.Option("--decline", help="Say no.")] = False,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Answer, as the second person, whether a link may open. What is granted is counted in public."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        answered = desks.sharing.answer(account, which, not decline, reason)
    out.print(f"granted until {iso(answered.expires_us)}" if answered.granted else "declined")


@app.command("list")
def list_links(
    which: CASE, by: ACCOUNT, password: PASSWORD, reason: REASON, site: SITE = Path(), state: STATE = None
) -> None:
    """List the links of a case: for which bundle, until when, how often taken."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        shares, now_us = desks.sharing.of(account, which, reason), desks.now_us()
    table = Table(header_style="bold")
    for heading in ("link", "bundle", "asked by", "ends", "taken", ""):
        table.add_column(heading, overflow="fold")
    for share in shares:
        taken = f"{share.taken} of {share.most}"
        table.add_row(
            share.id, share.bundle_id, share.asked_by, iso(share.expires_us)[:16], taken, _state(share, now_us)
        )
    out.print(table)


@app.command()
def revoke(
    which: _SHARE, by: ACCOUNT, password: PASSWORD, reason: REASON, site: SITE = Path(), state: STATE = None
) -> None:
    """Take a link back: the next download finds nothing."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        gone = desks.sharing.revoke(account, which, reason)
    out.print(f"link {gone.id} is taken back, after {gone.taken} downloads")


def _state(share: Share, now_us: int) -> str:
    if share.revoked_us is not None:
        return "taken back"
    if share.answered_us is None:
        return "waits for a second person" if now_us < share.expires_us else "nobody answered in time"
    if not share.granted:
        return "declined"
    return "open" if share.opens(now_us) else "ended"
