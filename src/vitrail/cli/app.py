"""The commands, gathered; errors become one panel and one exit code."""

__all__ = ["app", "main"]

import logging
import sys
from typing import Annotated

import structlog
import typer

import vitrail
from vitrail.cli import (
    accounts,
    analyse,
    assessment,
    audit,
    bundles,
    calibrate,
    cameras,
    cases,
    changed,
    erasing,
    followup,
    handover,
    links,
    mandates,
    models,
    notices,
    records,
    register,
    rights,
    run,
    search,
    site,
    survey,
    suspensions,
    tickets,
    upkeep,
)
from vitrail.cli.exits import exit_code
from vitrail.cli.screen import err, out, show_error
from vitrail.domain.errors import VitrailError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Watches places and tells a person when something happened there. Never who somebody is.",
)
app.command()(run.demo)
app.command()(site.init)
app.command()(site.check)
app.command()(calibrate.calibrate)
app.command()(run.watch)
app.command()(analyse.analyse)
app.command()(erasing.erase)
app.command()(records.alerts)
app.command("map")(survey.place)
app.command()(tickets.tickets)
app.command()(changed.changed)
app.command()(search.search)
app.command()(followup.followup)
app.command()(suspensions.suspend)
app.command()(suspensions.resume)
app.command()(suspensions.suspensions)
app.command()(cameras.reviewed)
app.add_typer(cameras.app, name="camera")
app.add_typer(models.app, name="models")
app.add_typer(records.ledger_app, name="ledger")
app.add_typer(register.app, name="register")
app.add_typer(audit.app, name="audit")
site.mandate_app.command("new")(mandates.new)
site.mandate_app.command("diff")(mandates.diff)
app.add_typer(site.mandate_app, name="mandate")
app.add_typer(assessment.app, name="assessment")
app.add_typer(accounts.app, name="account")
cases.app.command("bundle")(bundles.ask)
cases.app.command("agree")(bundles.agree)
cases.app.command("take")(bundles.take)
cases.app.add_typer(links.app, name="link")
app.add_typer(cases.app, name="case")
app.add_typer(bundles.app, name="bundle")
app.add_typer(rights.app, name="rights")
app.add_typer(upkeep.app, name="upkeep")
app.add_typer(notices.app, name="notices")
app.add_typer(handover.app, name="handover")


def _version(asked: bool) -> None:
    if asked:
        out.print(f"vitrail {vitrail.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show operational messages.")] = False,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    level = logging.INFO if verbose else logging.WARNING
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def main() -> None:
    """Entry point: known errors are told and mapped to exit codes; anything else is a bug and shows its trace."""
    try:
        app()
    except VitrailError as error:
        show_error(error)
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        err.print("stopped")
        sys.exit(130)
