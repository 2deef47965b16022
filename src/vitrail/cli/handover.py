"""``handover``: the report of a shift, and the note from who leaves to who comes."""

__all__ = ["app"]

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail import compose
from vitrail.cli.desk import signed_in
from vitrail.cli.places import ACCOUNT, PASSWORD, REASON, SITE, STATE
from vitrail.cli.screen import out
from vitrail.domain.shifts import late
from vitrail.domain.time import HOUR_US, SECOND_US, iso
from vitrail.services.handover import Handover, Report

app = typer.Typer(no_args_is_help=True, help="From shift to shift: what happened, what is open, a note.")


@app.command()
def show(
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    hours: Annotated[
        int | None,
        typer.Option("--hours", min=1, max=24, help="How far it reaches back; the last note that was taken, else 8 h."),
    ] = None,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Print what happened since the shift began, what is open and for how long, and the notes of the last day.

    Which cameras are gone is known to the running `vitrail watch` alone: its page `/handover` says it too.
    """
    with signed_in(site, state, by, password, reason) as (desks, account):
        since_us = None if hours is None else desks.now_us() - hours * HOUR_US
        report, minutes = _verbs(desks).report(account, reason, (), since_us), desks.site.escalation
        lates = {alert.id for alert in report.shift.waiting if late(alert, minutes, report.shift.now_us)}
    _tell(report, lates)


@app.command()
def leave(
    words: Annotated[str, typer.Option("--words", help="What who comes next should know, in 3 to 2000 letters.")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Leave a note to who comes next. It stands in the ledger."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        out.print(f"note {_verbs(desks).leave(account, reason, words).id}")


@app.command()
def take(
    note: Annotated[str, typer.Argument(help="Its id, as `show` prints it.")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Say that you have read a note and take over."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        out.print(f"taken by {_verbs(desks).take(account, reason, note).taken_by}")


def _verbs(desks: compose.Desks) -> Handover:
    return Handover(desks.reception, desks.site, desks.suspensions.every, desks.now_us)


def _tell(report: Report, lates: set[str]) -> None:
    shift = report.shift
    out.print(f"from {iso(shift.since_us)} to {iso(shift.now_us)}, {shift.minutes} minutes spent on verdicts")
    table = Table("kind", "alerts", "confirmed", "dismissed", "open", "unhandled", header_style="bold")
    for kind in shift.kinds:
        row = (kind.alerts, kind.confirmed, kind.dismissed, kind.open, kind.expired)
        table.add_row(f"{kind.kind} (heard)" if kind.sound else kind.kind, *map(str, row))
    out.print(table)
    for alert in shift.waiting:
        minutes = (shift.now_us - alert.created_us) // (60 * SECOND_US)
        said = " [red]late[/red]" if alert.id in lates else ""
        out.print(f"open for {minutes} min: {alert.kind} at {alert.place.device_id}, {alert.id}{said}")
    for thing in report.upkept:
        out.print(f"{thing.name} ({thing.place.camera_id}): {thing.condition.value}")
    for suspension in report.suspensions:
        out.print(f"suspended {iso(suspension.order.at_us)}: {suspension.order.reason}", markup=False)
    for note in report.notes:
        taken = f"taken by {note.taken_by}" if note.taken_by else "nobody has taken it"
        out.print(f"note {note.id} by {note.by} {iso(note.at_us)}, {taken}:\n{note.words}", markup=False)
