"""``map``: where everything stands and what happened there, as a list or as GeoJSON."""

__all__ = ["place"]

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail.cli.desk import signed_in
from vitrail.cli.places import ACCOUNT, PASSWORD, REASON, SITE, STATE
from vitrail.cli.screen import out
from vitrail.domain.time import HOUR_US, iso
from vitrail.services.survey import HOURS, Survey, Surveyed
from vitrail.services.survey_geojson import geojson


def place(
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    ago: Annotated[
        int | None,
        typer.Option(
            "--ago",
            min=0,
            max=HOURS - 1,
            help="Alerts that began in this clock hour, counted back from the present one (0); what waits or still "
            "goes on when left out.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="GeoJSON (RFC 7946), for other maps.")] = False,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Say where cameras, microphones, zones, walls and furniture stand, how they are, and what happened there.

    How streams are doing is known to the running `vitrail watch` alone: its page `/map` shows it too.
    """
    with signed_in(site, state, by, password, reason) as (desks, account):
        hour_us = None if ago is None else desks.now_us() - ago * HOUR_US
        seen = Survey(desks.reception, desks.site, desks.now_us).look(account, reason, (), hour_us)
    if as_json:
        print(json.dumps(geojson(seen), ensure_ascii=False))
        return
    _tell(seen)


def _tell(seen: Surveyed) -> None:
    if seen.hour:
        out.print(f"alerts that began from {iso(seen.hour.start_us)} on, for an hour: {seen.hour.alerts}")
    table = Table(header_style="bold")
    for heading in ("what", "which", "name", "state", "latitude, longitude", "alerts"):
        table.add_column(heading, overflow="fold")
    for spot in seen.spots:
        which = "/".join(filter(None, (spot.place.device_id, spot.place.drawn)))
        where = ""
        if spot.at and seen.plan:
            (latitude, longitude), *_ = seen.plan.degrees([spot.at])
            where = f"{latitude:.6f}, {longitude:.6f}"
        told = ", ".join(f"{alert.kind} {iso(alert.interval.start_us)[11:16]}" for alert in spot.alerts)
        table.add_row(spot.what, which, spot.name, spot.state, where, told)
    out.print(table)
