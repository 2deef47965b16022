"""How the terminal says things: one console for words, one for trouble, tables, progress, errors."""

__all__ = ["err", "out", "progress_bar", "show_error", "show_problems", "with_bar", "working"]

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from vitrail.domain.errors import Invalid, Problem, VitrailError

Result = TypeVar("Result")
_WIDTH = int(os.environ["COLUMNS"]) if os.environ.get("COLUMNS", "").isdigit() else None
out = Console(width=_WIDTH, highlight=False)
err = Console(width=_WIDTH, stderr=True, highlight=False)


def show_problems(problems: Sequence[Problem]) -> None:
    """Every problem with its file, key and remedy."""
    table = Table(show_lines=False, header_style="bold", box=None, pad_edge=False)
    for heading in ("file", "key", "what is wrong", "what to do"):
        table.add_column(heading, overflow="fold")
    for problem in problems:
        table.add_row(problem.file, problem.key, problem.what, problem.remedy)
    err.print(table)


def show_error(error: VitrailError) -> None:
    """What happened, where, which rule, what to do."""
    body = Text(error.what)
    for name in ("where", "rule", "remedy"):
        value = getattr(error, name)
        if value:
            body.append(f"\n{name}: ", style="bold")
            body.append(value)
    err.print(Panel(body, title=error.kind.replace("_", " "), title_align="left", border_style="red", expand=False))
    if isinstance(error, Invalid) and error.problems:
        show_problems(error.problems)


@contextmanager
def progress_bar(unit: str = "") -> Iterator[Progress]:
    """A bar on standard error, so that standard output stays clean for pipes."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn() if unit else TextColumn("{task.percentage:>3.0f} %"),
        TextColumn(unit),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        yield progress


def with_bar(title: str, work: Callable[[Callable[[float], None]], Result]) -> Result:
    """Work that says how far it is, under one bar."""
    with progress_bar() as progress:
        bar = progress.add_task(title, total=1.0)
        return work(lambda share: progress.update(bar, completed=share))


@contextmanager
def working(title: str) -> Iterator[Callable[[str], None]]:
    """A spinner on standard error whose line can be changed: ``say("unpacking: 40 %")``. A log gets each line once,
    without its figures."""
    said = ""
    with err.status(title) as status:

        def say(words: str) -> None:
            nonlocal said
            status.update(words)
            without_figures = words.rstrip(" %0123456789")
            if not err.is_terminal and without_figures != said:
                err.print(without_figures.rstrip(":"))
                said = without_figures

        yield say
