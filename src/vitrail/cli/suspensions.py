"""``suspend``, ``resume`` and ``suspensions``: stopping analysis, in public."""

__all__ = ["resume", "suspend", "suspensions"]

import os
from pathlib import Path
from typing import Annotated

import typer

from vitrail import compose
from vitrail.cli.places import ACCOUNT, PASSWORD, REASON, SITE, STATE, state_folder
from vitrail.cli.screen import out
from vitrail.domain.errors import Invalid
from vitrail.domain.suspensions import SignedOrder, Suspension
from vitrail.domain.time import iso


def suspend(
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    cameras: Annotated[
        list[str] | None, typer.Option("--camera", help="Only this camera; every one when none.")
    ] = None,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Stop all analysis before the next frame, also in a service that runs. Recording goes on as the mandate says.

    You must be the data-protection officer or an administrator. The order is signed, published with its reason, and
    survives a restart.
    """
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        account = desks.sign_in(by, password, reason)
        _tell(desks.suspensions.suspend(account, reason, tuple(cameras or ())))


def resume(
    which: Annotated[str, typer.Argument(help="The suspension's id.", metavar="SUSPENSION")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Give one of the two orders that end a suspension; another person in another role gives the other."""
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        account = desks.sign_in(by, password, reason)
        _tell(desks.suspensions.resume(account, which, reason))


def suspensions(
    order: Annotated[
        Path | None, typer.Option("--accept", help="A file with an order that an oversight key has signed.")
    ] = None,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """List every suspension there ever was; or carry out an order that was signed elsewhere."""
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        if order is not None:
            desks.suspensions.accept(_read(order))
        found = desks.suspensions.every()
        for suspension in found:
            _tell(suspension)
        if not found:
            out.print("analysis has never been stopped")


def _read(path: Path) -> SignedOrder:
    try:
        return SignedOrder.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(f"{path} holds no signed order: {error}", where="--accept", rule="L08") from error


def _tell(suspension: Suspension) -> None:
    order = suspension.order
    state = "over" if suspension.over else "in force"
    where = ", ".join(order.cameras) or "every camera"
    out.print(f"{order.id}  {state}  since {iso(order.at_us)}  {where}\n  {order.by} ({order.role}): {order.reason}")
    for given in suspension.resumed_by:
        out.print(f"  to resume: {given.by} ({given.role}), {iso(given.at_us)}: {given.reason}")
