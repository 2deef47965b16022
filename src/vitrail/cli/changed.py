"""``changed``: when a part of the picture changed, over the recording of a camera."""

__all__ = ["changed"]

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from vitrail.cli.desk import signed_in
from vitrail.cli.places import ACCOUNT, CACHE, PASSWORD, REASON, SITE, STATE, cache_folder
from vitrail.cli.screen import out, with_bar
from vitrail.domain.errors import Invalid
from vitrail.domain.moments import Moment
from vitrail.domain.people import Use
from vitrail.domain.time import SECOND_US, Interval, iso, moment_us


def changed(
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    camera: Annotated[str, typer.Option("--camera", help="The camera.")],
    box: Annotated[str, typer.Option(help="x0,y0,x1,y1 as shares of the picture, from its upper left corner.")],
    begin: Annotated[str, typer.Option("--from", help="Start: 2026-11-23T14:05, in the site's time.")],
    end: Annotated[str, typer.Option("--to", help="End, likewise; at most a day later.")],
    case: Annotated[str | None, typer.Option("--case", help="Ask inside this case, as an investigator.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
    site: SITE = Path(),
    state: STATE = None,
    cache: CACHE = None,
) -> None:
    """List the moments at which a box of the picture changed for good: something came, went, was painted or broken.

    Few key frames are looked at, a day in less than a minute or so. What comes and goes between two looks (2 s apart
    in a short span, a minute apart in a day) is not found. People and vehicles are taken out.
    """
    with signed_in(site, state, by, password, reason, cache_folder(cache)) as (desks, account):
        zone = desks.site.zone
        span = Interval(moment_us(begin, zone, "--from"), moment_us(end, zone, "--to"))
        desk = desks.reception.open_desk(account, Use.INQUIRE if case else Use.REVIEW, reason, case)
        where = read_box(box)
        found = with_bar("looking back", lambda progress: desk.changed(camera, span, where, progress))
    for moment in found:
        line = json.dumps({**asdict(moment), "before": iso(moment.before_us), "since": iso(moment.since_us)})
        out.print(line, soft_wrap=True) if as_json else out.print(_told(moment))
    if not found and not as_json:
        out.print("nothing changed there for good")


def read_box(text: str) -> tuple[float, float, float, float]:
    try:
        x0, y0, x1, y1 = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Invalid("a box is four numbers", where="--box", remedy="x0,y0,x1,y1 between 0 and 1") from error
    return x0, y0, x1, y1


def _told(moment: Moment) -> str:
    within_s = (moment.since_us - moment.before_us) / SECOND_US
    what = "the whole view" if moment.view else "light only" if moment.light else f"{moment.share:.0%} of the box"
    return f"{iso(moment.since_us)}  within {within_s:.1f} s  {what}"
