"""``assessment``: what the impact assessment covers of what runs, and its way to and from the CNIL's tool."""

__all__ = ["app"]

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from vitrail import compose
from vitrail.cli.exits import FOUND
from vitrail.cli.places import SITE
from vitrail.cli.screen import out, show_error

app = typer.Typer(no_args_is_help=True, help="The impact assessment (AIPD): covers what runs, or the gate is closed.")


@app.command("check")
def check(site: SITE = Path()) -> None:
    """Compare the impact assessment with what runs: every camera, analytic, data field, recipient and retention.

    Exit code 1 when something is missing, also in lab, where nothing is closed for it.
    """
    state = compose.assess(compose.read_site(site, dict(os.environ)))
    total, missing = len(state.coverage.topics), len(state.coverage.missing)
    out.print(f"covered: {total - missing} of {total} ({int(state.coverage.share * 100)} %)")
    for topic in state.coverage.missing:
        out.print(f"missing: {topic}", markup=False)
    out.print(f"configuration: {state.configuration}")
    if state.refused:
        show_error(state.refused)
        out.print("The gate is closed for every mandate outside lab." if state.closed else "In lab nothing is closed.")
        raise typer.Exit(FOUND)
    out.print("validated for this configuration")


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="Where the JSON goes; open it in the CNIL's tool.")], site: SITE = Path()
) -> None:
    """Write the assessment for the CNIL's tool, with an empty line for everything that runs and is not assessed yet.

    Write at least five words behind each name. Without an assessment this makes a draft.
    """
    added = compose.export_assessment(compose.read_site(site, dict(os.environ)), file)
    out.print(f"wrote {file}: {added} lines to be argued")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON that the CNIL's tool exported.")],
    site: SITE = Path(),
) -> None:
    """Take an assessment from the CNIL's tool into the site folder. A validation of another text no longer holds."""
    out.print(f"wrote {compose.import_assessment(site, file)}")
    out.print(f"Next: vitrail assessment check --site {site}")


@app.command("validate")
def validate(
    by: Annotated[str, typer.Option(prompt="validator", help="The validator that the assessment names.")],
    site: SITE = Path(),
) -> None:
    """Bind the assessment to the configuration as it is now. Refused below full coverage, and to its author.

    Any later change of the configuration or of the assessment reopens it, and closes the gate outside lab.
    """
    folder = compose.read_site(site, dict(os.environ))
    on = datetime.now(UTC).date().isoformat()
    out.print(f"wrote {compose.validate_assessment(site, folder, by, on)}")
