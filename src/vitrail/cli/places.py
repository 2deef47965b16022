"""Options that say where things are."""

__all__ = ["CACHE", "SITE", "STATE", "cache_folder", "state_folder"]

import os
from pathlib import Path
from typing import Annotated

import typer

SITE = Annotated[
    Path,
    typer.Option("--site", "-s", envvar="VITRAIL_SITE", help="The site folder.", show_default="the current folder"),
]
STATE = Annotated[
    Path | None,
    typer.Option(
        "--state",
        envvar="VITRAIL_STATE",
        help="Where database, ledger and recordings live.",
        show_default=".vitrail inside the site folder",
    ),
]
CACHE = Annotated[
    Path | None,
    typer.Option("--cache", envvar="VITRAIL_CACHE", help="Where models are kept.", show_default="~/.cache/vitrail"),
]


def state_folder(site: Path, state: Path | None) -> Path:
    return state if state is not None else site / ".vitrail"


def cache_folder(cache: Path | None) -> Path:
    if cache is not None:
        return cache
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "vitrail"
