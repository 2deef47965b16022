"""``init``, ``check`` and ``mandate check``: the site folder and whether everything in it holds."""

__all__ = ["check", "init", "mandate_app"]

import os
from pathlib import Path
from typing import Annotated

import typer

from vitrail import compose
from vitrail.cli.exits import FOUND
from vitrail.cli.places import SITE, STATE, state_folder
from vitrail.cli.screen import out, progress_bar, show_error, show_problems
from vitrail.domain.errors import Problem

mandate_app = typer.Typer(no_args_is_help=True, help="Mandates: the published decisions that let machines look.")


def init(folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty.")]) -> None:
    """Write a commented site folder to start from."""
    for path in compose.write_site(folder):
        out.print(f"wrote {path}")
    out.print(f"Next: fill in {folder / 'site.yaml'}, then run: vitrail check --site {folder}")


def check(site: SITE = Path(), state: STATE = None) -> None:
    """Say everything that is wrong at once: configuration, then ledger, rows and files.

    Changes nothing. Exit code 0 when all is well, 1 when something was found, 5 when the configuration is wrong.
    """
    folder = compose.read_site(site, dict(os.environ))
    ears = f", {len(folder.site.microphones)} microphones" if folder.site.microphones else ""
    out.print(f"configuration: {len(folder.site.cameras)} cameras{ears}, {len(folder.mandates)} mandates, all in order")
    found: list[Problem] = list(compose.missing_recordings(folder.site))
    where = state_folder(site, state)
    if where.exists():
        with progress_bar() as progress:
            bar = progress.add_task("ledger, rows and files", total=1.0)
            found += compose.check_state(folder, where, lambda share: progress.update(bar, completed=share))
    else:
        out.print("state: nothing recorded yet")
    if found:
        show_problems(found)
        raise typer.Exit(FOUND)
    out.print("all in order")


@mandate_app.command("check")
def mandate_check(site: SITE = Path(), state: STATE = None) -> None:
    """Say for every camera and analytic whether a mandate lets it run now, and if not, which rule forbids it."""
    folder = compose.read_site(site, dict(os.environ))
    refusals = compose.check_mandates(folder, state_folder(site, state))
    for refusal in refusals:
        show_error(refusal)
    if refusals:
        raise typer.Exit(FOUND)
    pairs = sum(len(device.analytics) for device in folder.site.devices())
    ears = f" and {len(folder.site.microphones)} microphones" if folder.site.microphones else ""
    out.print(f"all {pairs} analytics of {len(folder.site.cameras)} cameras{ears} are permitted now")
