"""Cameras: found on the network, tried, added; and the masks of one that moved, for which a person answers."""

__all__ = ["app", "reviewed"]

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail import compose
from vitrail.cli.exits import FOUND
from vitrail.cli.places import (
    ACCOUNT,
    CACHE,
    PASSWORD,
    REASON,
    SITE,
    STATE,
    cache_folder,
    must_be_free,
    state_folder,
)
from vitrail.cli.screen import out, show_error, show_problems
from vitrail.domain.errors import Invalid, Unavailable
from vitrail.domain.joining import Login, NewCamera
from vitrail.domain.people import Account
from vitrail.domain.streams import MapPosition
from vitrail.guard.joining import Joining

app = typer.Typer(no_args_is_help=True, help="Add a camera: find it on the network, try it, write it into the site.")
USER = Annotated[str, typer.Option("--user", help="What the camera knows you as.")]
SECRET = Annotated[
    str,
    typer.Option(
        "--camera-password", envvar="VITRAIL_CAMERA_PASSWORD", help="Its password; better in the environment."
    ),
]
ADDRESS = Annotated[str, typer.Argument(help="rtsp://HOST:PORT/PATH, without user and password.")]


@app.command()
def find(by: ACCOUNT, password: PASSWORD, reason: REASON, site: SITE = Path(), state: STATE = None) -> None:
    """Say which cameras of this machine's network answer within three seconds (ONVIF)."""
    with _joining(site, state, None, by, password, reason) as (joins, account):
        found = joins.find(account, reason)
    if not found:
        out.print("no camera answered; some are silent until ONVIF is switched on in them")
        return
    table = Table("host", "name", "hardware", "address", header_style="bold")
    for one in found:
        table.add_row(one.host, one.name, one.hardware, one.address)
    out.print(table)


@app.command()
def streams(
    device: Annotated[str, typer.Argument(help="HOST, HOST:PORT or the address that `find` prints.")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    user: USER = "",
    camera_password: SECRET = "",
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Print the addresses of a camera's streams, as it tells them (ONVIF)."""
    with _joining(site, state, None, by, password, reason) as (joins, account):
        offered = joins.offered(account, reason, device, Login(user, camera_password))
    table = Table("name", "codec", "size", "address", header_style="bold")
    for one in offered:
        table.add_row(one.name, one.codec, f"{one.width} x {one.height}" if one.width else "", one.address)
    out.print(table)


@app.command("try")
def try_out(
    address: ADDRESS,
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    user: USER = "",
    camera_password: SECRET = "",
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Where one masked picture goes; in the lab only.")
    ] = None,
    site: SITE = Path(),
    state: STATE = None,
    cache: CACHE = None,
) -> None:
    """Open a stream for a moment: does it answer, what does it send. Nothing is kept but what `--picture` asks for."""
    if picture:
        must_be_free(picture)
    with _joining(site, state, cache, by, password, reason) as (joins, account):
        tried = joins.reach(account, reason, address, Login(user, camera_password))
    reached = tried.reached
    out.print(f"it answers: {reached.codec}, {reached.width} x {reached.height}, {reached.frames_per_s:.1f} a second")
    if picture and tried.withheld:
        show_error(tried.withheld)
        raise typer.Exit(FOUND)
    if picture:
        try:
            picture.write_bytes(tried.still)
        except OSError as error:
            raise Unavailable(f"the picture cannot be written: {error.strerror}", where=str(picture)) from error
        out.print(f"one picture, with everybody found in it hidden: {picture}")


@app.command()
def add(
    camera: Annotated[str, typer.Argument(help="Its short name: small letters, digits, `-` and `_`.")],
    address: ADDRESS,
    name: Annotated[str, typer.Option("--name", help="What screens call it.")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    sub_address: Annotated[str, typer.Option("--sub-address", help="Its smaller stream: that one is watched.")] = "",
    user: USER = "",
    camera_password: SECRET = "",
    at: Annotated[str, typer.Option("--at", help="LATITUDE,LONGITUDE or LATITUDE,LONGITUDE,HEADING in degrees.")] = "",
    nothing_to_hide: Annotated[
        bool,
        typer.Option(
            "--nothing-to-hide",
            help="You looked for insides and entrances of dwellings and found none; else all of it stays black.",
        ),
    ] = False,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Write a camera into site.yaml, its comments kept, and say what the mandates lack for it.

    It holds at the next start. User and password go into a file below the state folder that only its owner can read.
    """
    new = NewCamera(camera, name, address, sub_address, Login(user, camera_password), _place(at), nothing_to_hide)
    with _joining(site, state, None, by, password, reason) as (joins, account):
        joined = joins.joined(account, reason, new)
        if joined.problems:
            show_problems(joined.problems)
            raise typer.Exit(FOUND)
        lacking = joins.lacking(joined)
        joins.join(account, reason, new, joined.base)
    out.print(joined.changes, markup=False)
    out.print("written into site.yaml; what it still lacks:" if lacking else "written into site.yaml")
    for refused in lacking:
        show_error(refused)


@contextmanager
def _joining(
    site: Path, state: Path | None, cache: Path | None, by: str, password: str, reason: str
) -> Iterator[tuple[Joining, Account]]:
    with compose.joining(site, state_folder(site, state), dict(os.environ), cache_folder(cache)) as (desks, joins):
        yield joins, desks.sign_in(by, password, reason)


def _place(at: str) -> MapPosition | None:
    if not at:
        return None
    try:
        latitude, longitude, *heading = (float(part) for part in at.split(","))
        fits = abs(latitude) <= 90 and abs(longitude) <= 180 and len(heading) <= 1
        fits = fits and all(0 <= degrees < 360 for degrees in heading)
    except ValueError:
        fits = False
    if not fits:
        raise Invalid(f"`{at}` is no place", where="--at", remedy="write 48.8566,2.3522 or 48.8566,2.3522,90")
    return MapPosition(latitude, longitude, heading[0] if heading else None)


def reviewed(
    camera: Annotated[str, typer.Argument(help="The camera that moved.")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Say that you looked at the picture of a camera that moved, and answer for its dwelling masks as they are now.

    Until then the camera is neither looked at nor recorded. You must be a technician, the data-protection officer or an
    administrator. Mend the masks in site.yaml first, and start the service again for them to count.
    """
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        account = desks.sign_in(by, password, reason)
        desks.poses.review(account, camera, reason)
        out.print(f"camera {camera} may be looked at again")
