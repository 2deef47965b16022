"""``search``: vehicles, things, places and events by description or by photograph, inside a case; never people."""

__all__ = ["search"]

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail.cli.desk import signed_in
from vitrail.cli.places import ACCOUNT, CACHE, PASSWORD, REASON, SITE, STATE, cache_folder
from vitrail.cli.screen import out
from vitrail.domain.errors import Invalid
from vitrail.domain.people import Use
from vitrail.domain.search import Found, Results
from vitrail.domain.time import iso
from vitrail.guard.asking import Understood


def search(
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    case: Annotated[
        str, typer.Option("--case", help="The case in which you search; in the lab it may be left out.")
    ] = "",
    words: Annotated[str, typer.Argument(help="What is searched for, in English or French.")] = "",
    photo: Annotated[Path | None, typer.Option(help="Search by a photograph of a vehicle, a thing, a place.")] = None,
    like: Annotated[int | None, typer.Option(help="Search what looks like this sighting.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=120)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
    site: SITE = Path(),
    state: STATE = None,
    cache: CACHE = None,
) -> None:
    """Search what was seen: by a description, a photograph, or a sighting found before.

    Vehicles, things left standing, walls and places, and what analytics told. Never people: words that describe one are
    refused, and people in a photograph are painted over before anything is computed.
    """
    if (bool(words), photo is not None, like is not None).count(True) != 1:
        raise Invalid("say what to search for", where="search", remedy="one of: words, --photo FILE, --like NUMBER")
    with signed_in(site, state, by, password, reason, cache_folder(cache)) as (desks, account):
        case = case or desks.casework.lab(account, reason).id
        desk = desks.reception.open_desk(account, Use.INQUIRE, reason, case)
        if photo is not None:
            results = desk.pictured(_read(photo)).results
        elif like is not None:
            results = desk.alike(like)
        else:
            answer = desk.search(words)
            results = answer.results
            if not as_json:
                _explain(answer.understood)
    _tell(results, limit, as_json)


def _read(photo: Path) -> bytes:
    try:
        return photo.read_bytes()
    except OSError as error:
        raise Invalid(f"the photograph cannot be read: {error.strerror}", where=str(photo)) from error


def _explain(understood: Understood) -> None:
    for word in understood.words:
        value = f" = {word.value}" if word.value and word.value != word.text else ""
        out.print(f"[dim]{word.text}[/dim]  {word.meaning}{value}")


def _tell(results: Results, limit: int, as_json: bool) -> None:
    found = results.found[:limit]
    if as_json:
        for one in found:
            typer.echo(json.dumps(record(one), ensure_ascii=False))
        return
    table = Table(header_style="bold")
    for heading in ("at", "camera", "what", "colour", "fit", "id"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("at", "id"))
    for one in found:
        said = record(one)
        row = (said["start"], said["camera"], said["what"], said["colours"], f"{one.fit:.2f}", said["id"])
        table.add_row(*(", ".join(part) if isinstance(part, list) else str(part) for part in row))
    out.print(table if found else "nothing was found")
    if results.more:
        out.print("there is more: say it more closely")
    for reading in results.under_way:
        span = f"{iso(reading.interval.start_us)} to {iso(reading.interval.end_us)}"
        how = "interrupted: the same vitrail analyse goes on" if reading.stopped else "more may be found later"
        out.print(f"camera {reading.camera_id}, {span}: {reading.share:.0%} read; {how}")
    for outage in results.outages[:10]:
        gap = outage.interval
        out.print(f"camera {outage.camera_id} was not recorded from {iso(gap.start_us)} to {iso(gap.end_us)}")


def record(one: Found) -> dict[str, object]:
    """One result for machines."""
    said: dict[str, object] = {
        "fit": round(one.fit, 3),
        "camera": one.camera_id,
        "start": iso(one.interval.start_us),
        "end": iso(one.interval.end_us),
    }
    if one.alert:
        return said | {"id": one.alert.id, "what": one.alert.kind, "colours": [], "state": one.alert.state.value}
    assert one.sighting is not None
    seen = one.sighting
    return said | {
        "id": seen.id,
        "what": seen.kind,
        "subject": seen.subject.value,
        "colours": [tint.name for tint in seen.tints],
        "zones": list(seen.zones),
        "heading": seen.heading.value,
        "standing_s": round(seen.standing_s, 1),
        "speed_kmh": seen.speed_kmh,
        "length_m": seen.length_m,
        "box": list(seen.box),
    }
