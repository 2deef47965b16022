"""Signing in for one command."""

__all__ = ["signed_in"]

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vitrail import compose
from vitrail.cli.places import state_folder
from vitrail.domain.people import Account


@contextmanager
def signed_in(
    site: Path, state: Path | None, by: str, password: str, reason: str, cache: Path | None = None
) -> Iterator[tuple[compose.Desks, Account]]:
    """The site's guard and who asks. ``cache`` holds the models, for commands that make pictures."""
    with compose.reading(site, state_folder(site, state), dict(os.environ), cache) as desks:
        yield desks, desks.sign_in(by, password, reason)
