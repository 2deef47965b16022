"""``tickets``: what people confirmed, as requests to those who clean and repair."""

__all__ = ["tickets"]

import csv
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from vitrail import compose
from vitrail.cli.places import ACCOUNT, PASSWORD, REASON, SITE, STATE, state_folder
from vitrail.domain.people import Use


def tickets(
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
    shape: Annotated[
        Literal["json", "csv"], typer.Option("--as", help="One JSON object a line, or a table with a heading.")
    ] = "json",
) -> None:
    """Print what people confirmed of walls and furniture as Open311 GeoReport v2 requests, for the city's own system.

    Only confirmed alerts become requests; every one names its alert, so that none is taken in twice.
    """
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        account = desks.sign_in(by, password, reason)
        found = [one.georeport() for one in desks.reception.open_desk(account, Use.REVIEW, reason).tickets()]
    if shape == "json":
        for row in found:
            print(json.dumps(row, ensure_ascii=False))
        return
    heads = (
        "service_code",
        "description",
        "address_string",
        "requested_datetime",
        "lat",
        "long",
        "attribute[reference]",
    )
    table = csv.DictWriter(sys.stdout, heads, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(found)
