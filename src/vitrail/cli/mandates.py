"""``mandate new`` and ``mandate diff``: writing a mandate by answering, and telling which change needs a decision."""

__all__ = ["diff", "new"]

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from vitrail import compose
from vitrail.cli.exits import FOUND
from vitrail.cli.places import SITE
from vitrail.cli.screen import err, out
from vitrail.domain.errors import Invalid, Problem


def new(
    site: SITE = Path(),
    answers: Annotated[
        Path | None, typer.Option(help="A YAML file of answers instead of questions: `decision.body: ...`.")
    ] = None,
) -> None:
    """Ask what a mandate must say, in order, and write it into the site folder with its decision's digest.

    Vague purposes are refused at once, with the rule. Only cameras and analytics that site.yaml switches on are asked
    about. Press Ctrl-C to stop: nothing is written before the last answer.
    """
    given = _Answers(answers, compose.read_answers(answers)) if answers else None
    path = compose.new_mandate(site, dict(os.environ), given.take if given else _prompt)
    out.print(f"wrote {path}")
    out.print(f"Next: vitrail check --site {site}")


def diff(
    old: Annotated[Path, typer.Argument(help="The mandate as it was.", exists=True, dir_okay=False)],
    new: Annotated[Path, typer.Argument(help="The mandate as it is to be.", exists=True, dir_okay=False)],
) -> None:
    """List what changed between two mandate files, and which changes are material: those need a new decision.

    Exit code 1 when a material change stands on an unchanged decision.
    """
    compared = compose.compare_mandates(old, new)
    for change in compared.changes:
        out.print(f"{'material' if change.material else 'other':9} {change.what}", markup=False, soft_wrap=True)
    if not compared.changes:
        out.print("nothing changed")
    if any(change.material for change in compared.changes):
        if compared.same_decision:
            err.print("A material change needs a new decision (L01): the decision's digest is the same as before.")
            raise typer.Exit(FOUND)
        out.print("The decision is a new one: have a person compare its text with these changes.")


class _Answers:
    """Questions answered from a file: the first answer that does not do is told with its key."""

    def __init__(self, path: Path, given: Mapping[str, str]) -> None:
        self._path = path
        self._given = given

    def take(self, question: compose.Question) -> str:
        text = self._given.get(question.key, question.default)
        why = question.check(text)
        if why:
            problem = Problem(self._path.name, question.key, f"`{text}`: {why}" if text else why, question.text)
            raise Invalid("an answer does not do", where=str(self._path), problems=(problem,))
        return text


def _prompt(question: compose.Question) -> str:
    """Ask until the answer does."""
    while True:
        text = str(typer.prompt(question.text, default=question.default, show_default=bool(question.default))).strip()
        why = question.check(text)
        if not why:
            return text
        err.print(why, markup=False)
