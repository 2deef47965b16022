"""``vitrail audit``: what an inspector takes away, and the proof that what must not be there is not there."""

__all__ = ["app"]

import json
from pathlib import Path

import typer

from vitrail import compose
from vitrail.cli.exits import FOUND
from vitrail.cli.places import SITE, STATE, state_folder
from vitrail.cli.screen import err

app = typer.Typer(no_args_is_help=True, help="What an inspector takes away, readable without this product.")


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
