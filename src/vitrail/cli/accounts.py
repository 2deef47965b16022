"""``vitrail account``: people who may sign in."""

__all__ = ["app"]

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail import compose
from vitrail.cli.places import SITE, STATE, state_folder
from vitrail.cli.screen import out
from vitrail.domain.people import Role
from vitrail.domain.time import SECOND_US, iso

app = typer.Typer(no_args_is_help=True, help="People who may sign in. Every change is in the ledger.")
_TRAINED_DAYS = 365


@app.command()
def add(
    account: Annotated[str, typer.Argument(help="A short id, one for each person; shared accounts are refused.")],
    name: Annotated[str, typer.Option(prompt=True, help="The person's name.")],
    role: Annotated[Role, typer.Option(prompt=True, help="What they do.")],
    site: SITE = Path(),
    state: STATE = None,
    cameras: Annotated[list[str] | None, typer.Option("--camera", help="Territory; every camera when none.")] = None,
    trained_days: Annotated[
        int, typer.Option(min=1, help="Days until their training must be renewed.")
    ] = _TRAINED_DAYS,
) -> None:
    """Add a person; their first password is shown once."""
    until_us = round((datetime.now(UTC) + timedelta(days=trained_days)).timestamp() * SECOND_US)
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        password = desks.add_account(account, name, role, frozenset(cameras or []), until_us)
    out.print(f"account   {account}\npassword  {password}   (shown once)")


@app.command("list")
def list_accounts(site: SITE = Path(), state: STATE = None) -> None:
    """List accounts with role, territory and training."""
    table = Table(header_style="bold")
    for heading in ("account", "name", "role", "cameras", "trained until", "revoked"):
        table.add_column(heading)
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        for row in desks.accounts.every():
            revoked = iso(row.revoked_us) if row.revoked_us is not None else ""
            territory = ", ".join(sorted(row.territory))
            table.add_row(row.id, row.name, row.role.value, territory, iso(row.trained_until_us), revoked)
    out.print(table)


@app.command()
def revoke(
    account: Annotated[str, typer.Argument(help="The account.")], site: SITE = Path(), state: STATE = None
) -> None:
    """Revoke an account at once: open sessions end, the next page is refused."""
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        desks.accounts.revoke(account)
    out.print(f"{account} is revoked")
