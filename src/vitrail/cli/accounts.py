"""``vitrail account``: people who may sign in."""

__all__ = ["app"]

import os
import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail import compose
from vitrail.cli.desk import signed_in
from vitrail.cli.places import ACCOUNT, PASSWORD, REASON, SITE, STATE, state_folder
from vitrail.cli.screen import out
from vitrail.domain.errors import Invalid
from vitrail.domain.people import Account, Role
from vitrail.domain.time import DAY_US, iso

app = typer.Typer(no_args_is_help=True, help="People who may sign in. Every change is in the ledger.")
_TRAINED_DAYS = 365
_PASSWORD_BYTES = 15
_WHO = Annotated[str, typer.Argument(help="The account's id.", metavar="ACCOUNT")]


@app.command()
def add(
    who: Annotated[str, typer.Argument(help="A short id; one for each person.", metavar="ACCOUNT")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[Role, typer.Option(help="What they do.")],
    cameras: Annotated[list[str] | None, typer.Option("--camera", help="Territory; every camera when none.")] = None,
    trained_days: Annotated[
        int, typer.Option(min=1, help="Days until their training must be renewed.")
    ] = _TRAINED_DAYS,
    emergency: Annotated[
        bool, typer.Option("--emergency", help="A sealed account: works once, for an hour, and everybody is told.")
    ] = False,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Add a person; their first password is shown once. You must be an administrator."""
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        known = {camera.id for camera in desks.site.cameras}
        if strange := sorted(set(cameras or []) - known):
            raise Invalid(f"no such camera: {', '.join(strange)}", where="--camera", remedy=f"of {', '.join(known)}")
        desks.sign_in(by, password, reason)
        first = secrets.token_urlsafe(_PASSWORD_BYTES)
        until_us = desks.now_us() + trained_days * DAY_US
        account = Account(who, name, role, "", frozenset(cameras or known), until_us, 0, emergency=emergency)
        desks.accounts.add(account, first, by=by, reason=reason)
    out.print(f"account   {who}\npassword  {first}   (shown once)")


@app.command("list")
def list_accounts(by: ACCOUNT, password: PASSWORD, reason: REASON, site: SITE = Path(), state: STATE = None) -> None:
    """List accounts with role, territory and training. You must be an administrator."""
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        desks.sign_in(by, password, reason)
        rows = desks.accounts.listing(by=by, reason=reason)
    table = Table(header_style="bold")
    for heading in ("account", "name", "role", "cameras", "trained until", "revoked"):
        table.add_column(heading)
    for row in rows:
        revoked = iso(row.revoked_us) if row.revoked_us is not None else ""
        cameras = ", ".join(sorted(row.territory))
        table.add_row(row.id, row.name, row.role.value, cameras, iso(row.trained_until_us)[:10], revoked)
    out.print(table)


@app.command()
def revoke(
    who: _WHO, by: ACCOUNT, password: PASSWORD, reason: REASON, site: SITE = Path(), state: STATE = None
) -> None:
    """Revoke an account at once: its sessions end, its next page is refused. You must be an administrator."""
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        desks.sign_in(by, password, reason)
        desks.accounts.revoke(who, by=by, reason=reason)
    out.print(f"{who} is revoked")


@app.command()
def review(
    who: _WHO,
    by: ACCOUNT,
    password: PASSWORD,
    words: Annotated[str, typer.Option(prompt="what you found", help="What you found; it stands in the ledger.")],
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Look into the use of an emergency account, and end its alarm. You must be the data-protection officer."""
    with signed_in(site, state, by, password, words) as (desks, account):
        desks.accounts.emergencies.review(account, who, words)
    out.print(f"the use of {who} is looked into")
