"""``vitrail followup``: what became of each alert."""

__all__ = ["followup"]

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail import compose
from vitrail.cli.places import ACCOUNT, PASSWORD, REASON, SITE, STATE, state_folder
from vitrail.cli.screen import out
from vitrail.domain.events import AlertState
from vitrail.domain.time import iso, seconds
from vitrail.guard.followup import summary

_ROWS = 50


def followup(
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only alerts from that day on (UTC).", show_default="the beginning"),
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--csv", help="File to write, comma-separated, every alert of the span.")
    ] = None,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Say what became of each alert: who saw it, when, the outcome, the time spent, and which nobody handled.

    Counted from the ledger alone. It names staff: you must be an officer, an auditor or an administrator, and the
    ledger says that you asked. Where the site has blind checks, attention by shift follows, of the desk as a whole.
    """
    since_us = seconds(since.replace(tzinfo=UTC).timestamp()) if since else 0
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        account = desks.sign_in(by, password, reason)
        rows = desks.follow_up(account, reason, since_us, into)
        shifts = desks.attention(account, reason, since_us)
    if into is None:
        table = Table(header_style="bold")
        for heading in ("at", "kind", "camera", "outcome", "seen by", "verdict by", "seconds"):
            table.add_column(heading, overflow="fold", no_wrap=heading == "at")
        for row in rows[:_ROWS]:
            outcome = "unhandled" if row.outcome is AlertState.EXPIRED else row.outcome.value
            seen = ", ".join(look.account_id for look in row.seen) or "nobody"
            spent = f"{row.spent_s:.0f}" if row.judged_us is not None else ""
            table.add_row(iso(row.at_us), row.kind, row.camera_id, outcome, seen, row.judged_by, spent)
        out.print(table if rows else "no alerts")
        if len(rows) > _ROWS:
            out.print(f"{len(rows) - _ROWS} older ones are not shown: --csv writes all of them")
    sums = summary(rows)
    out.print(
        f"{sums.alerts} alerts: {sums.confirmed} confirmed, {sums.dismissed} dismissed, {sums.open} open, "
        f"{sums.unhandled} unhandled; {sums.unseen} never opened by anybody; {sums.minutes} minutes spent",
        soft_wrap=True,
    )
    for one in shifts:
        share = one.share
        told = "not enough verdicts to say more"
        if share.low is not None and share.high is not None:
            told = f"{share.confirmed} rightly dismissed, {share.dismissed} confirmed, {one.left} not judged"
            told += f"; with 95 % certainty {share.low:.0%} to {share.high:.0%} are rightly dismissed"
        out.print(f"blind checks, {one.from_hour} to {one.to_hour} h: {one.offered}; {told}", soft_wrap=True)
