"""``rights``: what people who were filmed ask for, on time and on listed grounds."""

__all__ = ["app"]

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail.cli.desk import signed_in
from vitrail.cli.places import ACCOUNT, PASSWORD, REASON, SITE, STATE
from vitrail.cli.screen import out
from vitrail.domain.rights import Answer, RequestKind
from vitrail.domain.time import MINUTE_US, Interval, iso, moment_us

app = typer.Typer(no_args_is_help=True, help="Requests of people who were filmed. You must be the officer.")


@app.command()
def receive(
    kind: Annotated[RequestKind, typer.Argument(help="What is asked for.")],
    by: ACCOUNT,
    password: PASSWORD,
    words: Annotated[str, typer.Option(prompt="in their words", help="What was asked, in their words.")],
    contact: Annotated[str, typer.Option(prompt="contact", help="Where the answer goes.")],
    camera: Annotated[str, typer.Option(help="Where they were filmed.")] = "",
    begin: Annotated[str, typer.Option("--from", help="When: 2026-11-23T14:05, in the site's time.")] = "",
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="For how long.")] = 10,
    received: Annotated[str, typer.Option(help="When it came; now, if nothing is said.")] = "",
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Enter a request. What it names of the recordings is kept until it is answered."""
    with signed_in(site, state, by, password, "a request is entered") as (desks, account):
        zone = desks.site.zone
        span = None
        if begin:
            start_us = moment_us(begin, zone, "--from")
            span = Interval(start_us, start_us + minutes * MINUTE_US)
        came_us = moment_us(received, zone, "--received") if received else None
        made = desks.rights.receive(account, kind, words, contact, camera, span, came_us)
    out.print(f"request {made.id} is due by {iso(made.due_us)}" + (f"; case {made.case_id}" if made.case_id else ""))


@app.command("list")
def list_requests(by: ACCOUNT, password: PASSWORD, reason: REASON, site: SITE = Path(), state: STATE = None) -> None:
    """List requests, the newest first, with those that are overdue marked."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        found, now_us = desks.rights.requests(account, reason), desks.now_us()
    table = Table(header_style="bold")
    for heading in ("request", "kind", "received", "due", "answer", "case"):
        table.add_column(heading, overflow="fold")
    for request in found:
        late = " overdue" if request.answer is None and request.overdue(now_us) else ""
        said = request.answer.value if request.answer else ""
        due = iso(request.due_us)[:10] + late
        table.add_row(request.id, request.kind.value, iso(request.received_us)[:10], due, said, request.case_id)
    out.print(table)


@app.command()
def answer(
    which: Annotated[str, typer.Argument(help="The request's id.", metavar="REQUEST")],
    decision: Annotated[Answer, typer.Argument(help="The answer.")],
    by: ACCOUNT,
    password: PASSWORD,
    words: Annotated[str, typer.Option(prompt="words of the answer", help="What is written back.")],
    grounds: Annotated[str, typer.Option(help="Why it is refused, wholly or in part: one of the listed grounds.")] = "",
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Answer a request. Its case is closed, and what it kept goes."""
    with signed_in(site, state, by, password, "a request is answered") as (desks, account):
        desks.rights.answer(account, which, decision, grounds, words)
    out.print(f"request {which} is answered")
