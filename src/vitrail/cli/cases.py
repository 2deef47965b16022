"""``case``: what is looked into, what it keeps from erasure, and what two people agree to see without masks."""

__all__ = ["app"]

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail.cli.desk import signed_in
from vitrail.cli.places import ACCOUNT, CACHE, CASE, PASSWORD, REASON, SITE, STATE, cache_folder, must_be_free
from vitrail.cli.screen import out, with_bar
from vitrail.domain.cases import Case, CaseKind
from vitrail.domain.errors import Invalid
from vitrail.domain.people import Use
from vitrail.domain.time import DAY_US, SECOND_US, Interval, iso, moment_us

app = typer.Typer(no_args_is_help=True, help="Cases: looked into by those assigned, bounded, and ended.")
_CAMERA = Annotated[str, typer.Option("--camera", help="The camera.")]
_CAMERAS = Annotated[list[str], typer.Option("--camera", help="These cameras; may be repeated.")]
_FROM = Annotated[str, typer.Option("--from", help="Start: 2026-11-23T14:05, in the site's time.")]
_TO = Annotated[str, typer.Option("--to", help="End, likewise.")]


@app.command("open")
def open_case(
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    reference: Annotated[str, typer.Option(help="The number under which your authority runs it.")],
    legal_basis: Annotated[str, typer.Option(help="What allows it.")],
    begin: _FROM,
    end: _TO,
    cameras: _CAMERAS,
    days: Annotated[int, typer.Option(min=1, max=366, help="It ends by itself after so many days.")] = 90,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Open a case over some cameras and a span of time. You must be an investigator."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        window = _span(begin, end, desks.site.zone)
        kind, seen = CaseKind.INQUIRY, frozenset(cameras)
        case = desks.casework.open(account, kind, reference, legal_basis, reason, seen, window, days * DAY_US)
    out.print(f"case {case.id} is open until {iso(case.expires_us)}")


@app.command("list")
def list_cases(by: ACCOUNT, password: PASSWORD, reason: REASON, site: SITE = Path(), state: STATE = None) -> None:
    """List your cases; every case, for officers and auditors."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        cases, now_us = desks.casework.cases(account, reason), desks.now_us()
    table = Table(header_style="bold")
    for heading in ("case", "reference", "kind", "cameras", "ends", ""):
        table.add_column(heading, overflow="fold")
    for case in cases:
        cameras = ", ".join(sorted(case.cameras))
        table.add_row(
            case.id, case.reference, case.kind.value, cameras, iso(case.expires_us)[:10], _state(case, now_us)
        )
    out.print(table)


@app.command()
def show(
    which: CASE, by: ACCOUNT, password: PASSWORD, reason: REASON, site: SITE = Path(), state: STATE = None
) -> None:
    """Show one case: what bounds it, what it keeps, what was asked to be seen."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        sheet, now_us = desks.casework.sheet(account, which, reason), desks.now_us()
    _tell(sheet.case, now_us)
    for hold in sheet.holds:
        ended = "" if hold.stands(now_us) else " (ended)"
        out.print(f"hold {hold.id}: {hold.camera_id} {_said(hold.interval)} until {iso(hold.until_us)}{ended}")
    for seen in sheet.unmaskings:
        said = "waits" if seen.answered_us is None else "granted" if seen.granted else "declined"
        out.print(f"unmasking {seen.id}: {seen.camera_id} {_said(seen.interval)} asked by {seen.asked_by}, {said}")


@app.command()
def assign(
    which: CASE,
    member: Annotated[str, typer.Argument(help="Another investigator's account.")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Let another investigator work in the case."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        _tell(desks.casework.assign(account, which, member, reason), desks.now_us())


@app.command()
def widen(
    which: CASE,
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    begin: _FROM,
    end: _TO,
    cameras: _CAMERAS,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Change the cameras and the span of a case, with a reason."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        window = _span(begin, end, desks.site.zone)
        _tell(desks.casework.widen(account, which, frozenset(cameras), window, reason), desks.now_us())


@app.command()
def close(
    which: CASE, by: ACCOUNT, password: PASSWORD, reason: REASON, site: SITE = Path(), state: STATE = None
) -> None:
    """Close a case. What it kept goes with the next sweep."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        _tell(desks.casework.close(account, which, reason), desks.now_us())


@app.command()
def hold(
    which: CASE,
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    camera: _CAMERA,
    begin: _FROM,
    end: _TO,
    until: Annotated[str, typer.Option(help="Kept until then, and no longer than the case.")],
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Keep named footage, and the alerts in it, from being erased at its time."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        zone = desks.site.zone
        span, until_us = _span(begin, end, zone), moment_us(until, zone, "--until")
        kept = desks.casework.hold(account, which, camera, span, reason, until_us)
    out.print(f"hold {kept.id}: {camera} {_said(kept.interval)} until {iso(kept.until_us)}")


@app.command()
def release(
    which: Annotated[str, typer.Argument(help="The hold's id.", metavar="HOLD")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Let go of what a hold keeps."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        desks.casework.release(account, which, reason)
    out.print(f"hold {which} is released")


@app.command()
def unmask(
    which: CASE,
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    camera: _CAMERA,
    begin: _FROM,
    box: Annotated[str, typer.Option(help="x0,y0,x1,y1 as shares of the picture; a quarter of it at most.")],
    seconds: Annotated[float, typer.Option(min=0.1, max=120, help="How long.")] = 10.0,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Ask that a box of the picture be shown without masks. A second person answers."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        start_us = moment_us(begin, desks.site.zone, "--from")
        span = Interval(start_us, start_us + round(seconds * SECOND_US))
        asked = desks.casework.ask(account, which, camera, span, _box(box), reason)
    out.print(f"unmasking {asked.id} waits for a second person until {iso(asked.expires_us)}")


@app.command()
def second(
    which: Annotated[str, typer.Argument(help="The id of what was asked.", metavar="UNMASKING")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    decline: Annotated[bool, typer.Option("--decline", help="Say no.")] = False,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Answer as the second person. What is granted is counted in the public register."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        answered = desks.casework.answer(account, which, not decline, reason)
    out.print(f"granted until {iso(answered.expires_us)}" if answered.granted else "declined")


@app.command()
def film(
    which: CASE,
    unmasking: Annotated[str, typer.Argument(help="The id of what was granted.", metavar="UNMASKING")],
    into: Annotated[Path, typer.Argument(help="File to write (MP4).")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
    cache: CACHE = None,
) -> None:
    """Write the copy that two people agreed on: its box without masks, watermarked."""
    must_be_free(into)
    with signed_in(site, state, by, password, reason, cache_folder(cache)) as (desks, account):
        desk = desks.reception.open_desk(account, Use.INQUIRE, reason, which)
        made = with_bar("masking", lambda progress: desk.unmasked(unmasking, progress))
        into.write_bytes(made.read_bytes())
    out.print(f"wrote {into}")


def _tell(case: Case, now_us: int) -> None:
    out.print(f"case {case.id} ({_state(case, now_us)}): {case.reference}, {case.legal_basis}")
    out.print(f"{', '.join(sorted(case.cameras))}; {_said(case.window)}; {', '.join(sorted(case.members))}")


def _state(case: Case, now_us: int) -> str:
    return "open" if case.stands(now_us) else "closed"


def _span(begin: str, end: str, zone: str) -> Interval:
    start_us, end_us = moment_us(begin, zone, "--from"), moment_us(end, zone, "--to")
    if end_us <= start_us:
        raise Invalid("the end lies before the beginning", where="--to", remedy="swap them")
    return Interval(start_us, end_us)


def _said(span: Interval) -> str:
    return f"{iso(span.start_us)}..{iso(span.end_us)}"


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        x0, y0, x1, y1 = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Invalid("a box is four numbers", where="--box", remedy="x0,y0,x1,y1 between 0 and 1") from error
    return x0, y0, x1, y1
