"""One mistake a row: how a good site folder is spoilt, and what must be said about it."""

__all__ = ["Row", "must_be_told", "named", "problems_of"]

import re
from dataclasses import dataclass

import pytest

from tests.adapters.sitefolder.conftest import Folder
from vitrail.domain.errors import Invalid, Problem


@dataclass(frozen=True, slots=True)
class Row:
    """``old`` becomes ``new`` in ``file``; a problem must follow at ``key``, saying ``what`` and ``remedy``, with the
    number of a line that holds ``at`` (what was written anew, when nothing else is given)."""

    name: str
    old: str
    new: str
    key: str
    what: str
    remedy: str = ""
    at: str = ""
    file: str = "site.yaml"


def named(rows: list[Row]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=[row.name for row in rows])


def problems_of(folder: Folder) -> tuple[Problem, ...]:
    with pytest.raises(Invalid) as caught:
        folder.read()
    return caught.value.problems


def must_be_told(folder: Folder, row: Row) -> None:
    """With the file, the key, a line that holds the mistake, and the remedy."""
    folder.spoil(row.file, row.old, row.new)
    told = [problem for problem in problems_of(folder) if problem.file == row.file]
    assert [
        problem
        for problem in told
        if row.key in problem.key
        if row.what in problem.what
        if row.remedy in problem.remedy
        if (row.at or row.new.strip()).splitlines()[0] in _line_of(folder, problem)
    ], "\n".join(f"{problem} AT {_line_of(folder, problem)}" for problem in told)


def _line_of(folder: Folder, problem: Problem) -> str:
    """The line of the file that the problem names."""
    match = re.search(r"\(line (\d+)\)$", problem.key)
    assert match, problem
    return (folder.path / problem.file).read_text(encoding="utf-8").splitlines()[int(match.group(1)) - 1]
