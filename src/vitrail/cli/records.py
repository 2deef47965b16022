"""``alerts`` and ``ledger``: reading what is stored, under a grant like everybody else, and proving it to anybody."""

__all__ = ["alerts", "ledger_app"]

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail import compose
from vitrail.cli.exits import FOUND
from vitrail.cli.places import ACCOUNT, PASSWORD, REASON, SITE, STATE, state_folder
from vitrail.cli.screen import err, out, progress_bar
from vitrail.domain.events import Alert, AlertQuery, AlertState
from vitrail.domain.people import Use
from vitrail.domain.time import iso

ledger_app = typer.Typer(no_args_is_help=True, help="The ledger of every use.")


def alerts(
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
    only: Annotated[AlertState | None, typer.Option("--only", help="Only alerts in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """List alerts, newest first, as your account may see them."""
    query = AlertQuery(states=frozenset({only}) if only else frozenset(), limit=limit)
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        account = desks.sign_in(by, password, reason)
        rows = desks.reception.open_desk(account, Use.REVIEW, reason).alerts(query)
    if as_json:
        for alert in rows:
            print(json.dumps(_record(alert), ensure_ascii=False))
        return
    table = Table(header_style="bold")
    for heading in ("at", "kind", "camera", "place", "state", "score", "id"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("at", "id"))
    for alert in rows:
        place = alert.place.drawn
        row = (iso(alert.interval.start_us), alert.kind, alert.place.camera_id, place, alert.state.value)
        table.add_row(*row, f"{alert.score:.2f}", alert.id)
    out.print(table if rows else "no alerts")


def _record(alert: Alert) -> dict[str, object]:
    return {
        "id": alert.id,
        "kind": alert.kind,
        "camera": alert.place.camera_id,
        "zone": alert.place.zone_id,
        "line": alert.place.line_id,
        "surface": alert.place.surface_id,
        "asset": alert.place.asset_id,
        "start": iso(alert.interval.start_us),
        "end": iso(alert.interval.end_us),
        "state": alert.state.value,
        "score": round(alert.score, 3),
        "analytic": alert.analytic,
        "version": alert.version,
    }


@ledger_app.command("verify")
def verify(
    site: SITE = Path(),
    state: STATE = None,
    witness: Annotated[Path | None, typer.Option("--witness", help="Heads that a witness kept, JSON lines.")] = None,
) -> None:
    """Recompute the whole ledger from its entries and compare it with every signed checkpoint.

    Exit code 0 when every entry stands as it was written, 1 when one was changed, dropped or moved.
    """
    with progress_bar() as progress:
        bar = progress.add_task("entries", total=1.0)
        report = compose.verify_ledger(
            state_folder(site, state), lambda share: progress.update(bar, completed=share), witness
        )
    out.print(f"{report.size} entries, {report.checkpoints} checkpoints, root {report.root_hex}", soft_wrap=True)
    for problem in report.problems:
        err.print(f"[red]wrong[/red]  {problem}")
    if report.problems:
        raise typer.Exit(FOUND)
    out.print("every entry stands as it was written")


@ledger_app.command()
def export(
    into: Annotated[Path, typer.Argument(help="File to write, JSON lines.")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Write the whole ledger out, for whoever is to check it without this product: `vitrail ledger verifier`.

    It names staff: you must be an officer, an auditor or an administrator, and the ledger says that you took it.
    """
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        count = desks.export_ledger(desks.sign_in(by, password, reason), reason, into)
    out.print(f"wrote {count} lines into {into}")


@ledger_app.command()
def prove(
    index: Annotated[int, typer.Argument(help="Number of the entry.", min=0)],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Print one entry with the proof that it stands in the ledger (RFC 9162), as JSON. Asks for what `export` asks."""
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        made = desks.prove(desks.sign_in(by, password, reason), reason, index)
    print(json.dumps(made, ensure_ascii=False, indent=1))


@ledger_app.command()
def head(site: SITE = Path(), state: STATE = None) -> None:
    """Print the newest signed head of the ledger, as one line of JSON, for anybody who wants to keep it.

    It names nobody, so it asks nobody who they are. Kept elsewhere it is a witness: `vitrail ledger verify --witness`,
    `vitrail ledger consistency`.
    """
    print(json.dumps(compose.ledger_head(state_folder(site, state)), sort_keys=True))


@ledger_app.command()
def consistency(
    size: Annotated[int, typer.Argument(metavar="OLD_SIZE", help="The size in the head that you kept.", min=1)],
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Print the proof that the ledger still begins with what an older head was signed over (RFC 9162), as JSON.

    It names nobody, so it asks nobody who they are. `vitrail_verify.py consistency` checks it.
    """
    print(json.dumps(compose.ledger_consistency(state_folder(site, state), size), indent=1, sort_keys=True))


@ledger_app.command()
def verifier() -> None:
    """Print the stand-alone verifier: one Python file that needs nothing of this product."""
    print(compose.stand_alone_verifier(), end="")
