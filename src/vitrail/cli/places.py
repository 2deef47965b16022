"""Options that say where things are and who asks."""

__all__ = [
    "ACCOUNT",
    "BUNDLE",
    "CACHE",
    "CASE",
    "PASSWORD",
    "REASON",
    "SITE",
    "STATE",
    "cache_folder",
    "data_folder",
    "must_be_free",
    "state_folder",
]

import os
from pathlib import Path
from typing import Annotated

import typer

from vitrail.domain.errors import Conflict

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
ACCOUNT = Annotated[str, typer.Option("--as", envvar="VITRAIL_ACCOUNT", prompt="account", help="Your account.")]
PASSWORD = Annotated[
    str,
    typer.Option(
        envvar="VITRAIL_PASSWORD", prompt="password", hide_input=True, help="Better typed or in the environment."
    ),
]
REASON = Annotated[
    str, typer.Option(prompt="reason", help="Why you ask; it stands in the ledger before anything is read.")
]
CASE = Annotated[str, typer.Argument(help="The case's id.", metavar="CASE")]
BUNDLE = Annotated[str, typer.Argument(help="The bundle's id.", metavar="BUNDLE")]


def must_be_free(into: Path) -> None:
    """Raises ``Conflict``: nothing is written over."""
    if into.exists():
        raise Conflict(f"{into} exists already", where="into", remedy="choose another name")


def state_folder(site: Path, state: Path | None) -> Path:
    return state if state is not None else site / ".vitrail"


def cache_folder(cache: Path | None) -> Path:
    return cache if cache is not None else _base("XDG_CACHE_HOME", ".cache")


def data_folder(name: str) -> Path:
    """Where the demonstration and recordings without a site keep what they write."""
    return _base("XDG_DATA_HOME", ".local/share") / name


def _base(variable: str, otherwise: str) -> Path:
    base = os.environ.get(variable)
    return (Path(base) if base else Path.home() / otherwise) / "vitrail"
