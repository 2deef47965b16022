"""``case bundle``, ``agree``, ``take``: a case handed over. ``bundle``: what checks it, without the product."""

__all__ = ["agree", "app", "ask", "take"]

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from vitrail import compose
from vitrail.cli.desk import signed_in
from vitrail.cli.places import ACCOUNT, BUNDLE, CACHE, CASE, PASSWORD, REASON, SITE, STATE, cache_folder, must_be_free
from vitrail.cli.screen import out, with_bar
from vitrail.domain.bundles import Part, View
from vitrail.domain.errors import Invalid, Unavailable
from vitrail.domain.people import Account, Use
from vitrail.domain.time import Interval, iso, moment_us

app = typer.Typer(no_args_is_help=True, help="Check a case that was handed over, offline, without its site.")


def ask(
    which: CASE,
    into: Annotated[Path, typer.Argument(help="File to write, a ZIP.")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    recipient: Annotated[str, typer.Option("--for", help="Whom it is for; stands across every masked picture.")],
    parts: Annotated[list[str], typer.Option("--part", help="CAMERA,FROM,TO; may be repeated.")],
    originals: Annotated[
        bool, typer.Option("--originals", help="With the recordings as they are, once a second person agreed.")
    ] = False,
    view: Annotated[View, typer.Option(help="Masked copies of key pictures only, or of every picture.")] = View.KEYS,
    language: Annotated[str, typer.Option(help="Of the report: en or fr.")] = "en",
    site: SITE = Path(),
    state: STATE = None,
    cache: CACHE = None,
) -> None:
    """Hand a case over: recordings, masked copies, report, proofs, in one file that is checked without the product.

    Without `--originals` it is made at once. With them a second person must agree first (`vitrail case agree`); then
    `vitrail case take` makes it.
    """
    must_be_free(into)
    with signed_in(site, state, by, password, reason, cache_folder(cache)) as (desks, account):
        wanted = [_part(text, desks.site.zone) for text in parts]
        asked = desks.bundles.ask(account, which, wanted, recipient, reason, view, originals, language)
        if originals:
            out.print(f"bundle {asked.id} waits for a second person, and is kept until {iso(asked.until_us)}")
            return
        _make(desks, account, reason, which, asked.id, into)


def agree(
    which: BUNDLE,
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    decline: Annotated[bool, typer.Option("--decline", help="Say no.")] = False,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Answer, as the second person, whether a bundle may hold recordings without masks. Counted in public."""
    with signed_in(site, state, by, password, reason) as (desks, account):
        answered = desks.bundles.answer(account, which, not decline, reason)
    out.print("granted" if answered.granted else "declined")


def take(
    which: CASE,
    bundle: BUNDLE,
    into: Annotated[Path, typer.Argument(help="File to write, a ZIP.")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
    cache: CACHE = None,
) -> None:
    """Make a bundle, or go on where the making was cut off, and write it out."""
    must_be_free(into)
    with signed_in(site, state, by, password, reason, cache_folder(cache)) as (desks, account):
        _make(desks, account, reason, which, bundle, into)


@app.command()
def verifier() -> None:
    """Print the stand-alone verifier of bundles: one Python file that needs nothing of this product."""
    print(compose.bundle_verifier(), end="")


@app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(help="The bundle, or the folder it was unpacked into.")],
    key: Annotated[str, typer.Option(help="The site's public key that you expect, 64 hex digits.")] = "",
    authority: Annotated[str, typer.Option(help="PEM of the time-stamping authority you trust.")] = "",
    witness: Annotated[str, typer.Option(help="Heads of the ledger that a witness kept, one JSON line each.")] = "",
) -> None:
    """Say in plain words what a bundle proves, and name what was changed in it.

    Runs the same stand-alone file that `vitrail bundle verifier` prints. Exit code 1 when something is wrong, 2 when
    it cannot be read.
    """
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "vitrail_bundle_verify.py"
        file.write_text(compose.bundle_verifier(), encoding="utf-8")
        given = [f"--{n}={v}" for n, v in (("key", key), ("authority", authority), ("witness", witness)) if v]
        command = [sys.executable, str(file), str(bundle), *given]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(done.stdout, end="")
    print(done.stderr, end="", file=sys.stderr)
    raise typer.Exit(done.returncode)


def _make(desks: compose.Desks, account: Account, reason: str, case_id: str, bundle_id: str, into: Path) -> None:
    desk = desks.reception.open_desk(account, Use.INQUIRE, reason, case_id)
    made = with_bar("making the bundle", lambda progress: desk.bundle(bundle_id, progress))
    try:
        with made.open("rb") as source, into.open("xb") as file:
            while piece := source.read(1 << 20):
                file.write(piece)
    except OSError as error:
        into.unlink(missing_ok=True)
        remedy = f"free some space, then `vitrail case take {case_id} {bundle_id} FILE`"
        raise Unavailable(f"{into} cannot be written ({error.strerror})", where="into", remedy=remedy) from error
    out.print(f"wrote {into}, {made.stat().st_size >> 20} MiB; check it with `vitrail bundle verify {into}`")


def _part(text: str, zone: str) -> Part:
    try:
        camera, begin, end = text.split(",")
    except ValueError as error:
        remedy = "CAMERA,2026-11-23T14:00,2026-11-23T14:10"
        raise Invalid(f"{text!r} is no part", where="--part", remedy=remedy) from error
    start_us, end_us = moment_us(begin, zone, "--part"), moment_us(end, zone, "--part")
    if end_us <= start_us:
        raise Invalid("the end lies before the beginning", where="--part", remedy="swap them")
    return Part(camera.strip(), Interval(start_us, end_us))
