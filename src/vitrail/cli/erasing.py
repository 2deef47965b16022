"""``erase``: what is past its time goes, now or from now on."""

__all__ = ["erase"]

import os
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from vitrail import compose
from vitrail.cli.places import SITE, STATE, state_folder
from vitrail.cli.screen import err, out, show_error
from vitrail.domain.errors import VitrailError

_EVERY_S = 60.0


def erase(
    stay: Annotated[bool, typer.Option("--stay", help="Go on, once a minute, until stopped.")] = False,
    beside: Annotated[int | None, typer.Option(hidden=True)] = None,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Erase what is past its time: recordings, alerts, counts, masked copies. The ledger says what went.

    A running service has an eraser of its own. With --stay this is a service for a machine where Vitrail itself may be
    stopped for long: what was kept goes on time all the same. While no eraser works, nothing new is collected (L15).
    """
    folder = state_folder(site, state)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with compose.erasing(folder) as eraser:
        while True:
            failed = _sweep(eraser, quiet=beside is not None)
            if not stay:
                if failed:
                    raise failed
                out.print(f"{eraser.kept()} rows wait for their time")
                return
            if (_left_alone(beside) and not eraser.kept()) or stop.wait(_EVERY_S) or not folder.is_dir():
                return


def _sweep(eraser: compose.Eraser, quiet: bool) -> VitrailError | None:
    try:
        erased = eraser.sweep()
    except VitrailError as error:
        show_error(error)
        return error
    if erased.files or erased.rows or erased.clips:
        said = f"erased {erased.files} recordings, {erased.rows} alerts and counts, {erased.clips} copies"
        (err if quiet else out).print(said)
    return None


def _left_alone(beside: int | None) -> bool:
    """Whether the process this eraser was started for is gone."""
    return beside is not None and os.getppid() != beside
