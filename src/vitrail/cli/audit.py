"""``vitrail audit``: what an inspector takes away, and the proof that what must not be there is not there."""

__all__ = ["app"]

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from vitrail import compose
from vitrail.cli.exits import FOUND
from vitrail.cli.places import ACCOUNT, PASSWORD, REASON, SITE, STATE, state_folder
from vitrail.cli.screen import err, out, progress_bar

app = typer.Typer(no_args_is_help=True, help="What an inspector takes away, readable without this product.")


@app.command()
def export(
    into: Annotated[Path, typer.Argument(help="Archive to write, a ZIP.")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Write the audit archive: what runs, under which decisions, and everything that was done with it.

    Signed, every file with its digest, readable and checkable without this product. You must be an auditor, an officer
    or an administrator; nobody has to agree, and a gate that is closed does not matter. The ledger says that you took
    it: it names staff.
    """
    with (
        compose.auditing(site, state_folder(site, state), dict(os.environ)) as auditing,
        progress_bar() as progress,
    ):
        account = auditing.desks.sign_in(by, password, reason)
        bar = progress.add_task("counting the ledger", total=1.0)
        count = auditing.export(account, reason, into, lambda share: progress.update(bar, completed=share))
    out.print(f"wrote {count} files, signed, into {into}")


@app.command()
def verifier() -> None:
    """Print the stand-alone verifier of audit archives: one Python file that needs nothing of this product."""
    print(compose.audit_verifier(), end="")


@app.command()
def absence(site: SITE = Path(), state: STATE = None) -> None:
    """Look through this installation for anything that crosses a red line; the report as JSON.

    Packages, source files, models, analytics, and the databases where there are any. Exit code 1 when something is
    found.
    """
    report = compose.prove_absence(state_folder(site, state))
    print(json.dumps(report, ensure_ascii=False, indent=1))
    found = report["found"]
    if isinstance(found, list) and found:
        for hit in found:
            err.print(f"[red]{hit['line']}[/red]  {hit['where']}: {hit['found']} ({hit['reason']})", soft_wrap=True)
        raise typer.Exit(FOUND)
