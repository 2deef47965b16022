"""``vitrail register``: the public page that says what runs, made from what runs."""

__all__ = ["app"]

import os
from pathlib import Path
from typing import Annotated

import typer

from vitrail import compose
from vitrail.cli.exits import FOUND
from vitrail.cli.places import SITE, STATE, state_folder
from vitrail.cli.screen import out, progress_bar

app = typer.Typer(no_args_is_help=True, help="The public register: what runs, why, under which decision, how well.")


@app.command()
def build(
    into: Annotated[Path, typer.Argument(help="Folder to write; an older register there is replaced.")],
    contact: Annotated[str, typer.Option(envvar="VITRAIL_CONTACT", help="Where people ask, object and complain.")] = "",
    url: Annotated[
        str, typer.Option(envvar="VITRAIL_REGISTER_URL", help="Where it will be found; signs show it.")
    ] = "",
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Write the register as a static site: pages in English and French, JSON, the Dutch and British forms, the record
    of article 30, and a sign to print for each camera.

    Outside the lab nothing runs unless the register was made from the very configuration that would run (L26).
    """
    with (
        compose.publishing(site, state_folder(site, state), dict(os.environ)) as publishing,
        progress_bar() as progress,
    ):
        bar = progress.add_task("counting the ledger", total=1.0)
        written = publishing.build(into, contact, url, lambda share: progress.update(bar, completed=share))
    out.print(f"wrote {len(written)} files into {into}")


@app.command()
def check(site: SITE = Path(), state: STATE = None) -> None:
    """Say whether the last register was made from the configuration as it is now; exit code 1 when not."""
    with compose.publishing(site, state_folder(site, state), dict(os.environ)) as publishing:
        current = publishing.current()
    if not current:
        out.print("the register does not say what would run now: make it again with `vitrail register build`")
        raise typer.Exit(FOUND)
    out.print("the register says what runs")
