"""How a mandate argues its analytics, and what is told when it does not (L05)."""

import json
from dataclasses import replace

import pytest

from tests.adapters.sitefolder.conftest import ENVIRON, MANIFESTS, Folder
from tests.adapters.sitefolder.rows import Row, must_be_told, named, problems_of
from vitrail.adapters.sitefolder import mandate_schema, read_site
from vitrail.domain.analytics import Maturity
from vitrail.domain.errors import Invalid


def test_an_argument_is_read_whole(argued: Folder) -> None:
    mandate = argued.read().mandates[0]
    argument = mandate.argument("presence")
    assert argument is not None
    assert argument.necessity.startswith("Nobody is on the quay")
    assert [a.algorithmic for a in argument.alternatives] == [False, True]
    assert argument.expected_rate == "2 alerts a night, one of them right."
    assert argument.failure_modes == ("Gulls on the edge", "Rain on the lens")
    assert mandate.argument("line") is None


def test_lab_may_leave_arguments_out(folder: Folder) -> None:
    assert folder.read().mandates[0].arguments == ()


def test_outside_lab_every_analytic_that_is_not_argued_is_told(folder: Folder) -> None:
    folder.spoil("mandates/edge.yaml", "mode: lab", "mode: alert")
    told = [problem.what for problem in problems_of(folder)]
    assert "`presence` is not argued (L05)" in told
    assert "`dwell` is not argued (L05)" in told


def test_outside_lab_an_argued_mandate_is_read(argued: Folder) -> None:
    argued.spoil("mandates/edge.yaml", "mode: lab", "mode: alert")
    assert len(argued.read().mandates[0].arguments) == 2


def _row(name: str, old: str, new: str, key: str, what: str, at: str = "") -> Row:
    return Row(name, old, new, key, what, "", at, "mandates/edge.yaml")


@named(
    [
        _row("no necessity", "    necessity: Nobody is on the quay between 20:00 and 08:00.\n", "", "arguments[0]",
             "`necessity` is missing", "analytic: presence"),
        _row("no alternatives", "failure_modes: [Anglers]", "failure_modes: []", "arguments[1].failure_modes",
             "at least 1 item"),
        _row("software first", "algorithmic: false, why_not: One", "algorithmic: true, why_not: One",
             "arguments[1].alternatives[0]", "software is considered before anything else (L05)"),
        _row("no figure", "1 alert a week.", "Rarely.", "arguments[1].expected_rate", "names no figure (L05)"),
        _row("argued twice", "- analytic: dwell\n    nec", "- analytic: presence\n    nec", "arguments[1]",
             "`presence` is argued twice"),
        _row("argued for nothing", "- analytic: dwell\n    nec", "- analytic: line\n    nec", "arguments[1].analytic",
             "unknown analytic of the matrix `line`"),
        _row("blank", "expected_rate: 1 alert a week.", 'expected_rate: " "', "expected_rate", "is empty"),
        _row("no list", "arguments:\n", "arguments: none\nold:\n", "arguments", "must be a list, not `none`"),
    ]
)  # fmt: skip
def test_what_is_no_argument_is_told(argued: Folder, row: Row) -> None:
    must_be_told(argued, row)


def test_the_schema_asks_for_every_part_of_an_argument() -> None:
    required = json.loads(mandate_schema())["$defs"]["ArgumentShape"]["required"]
    assert set(required) == {"analytic", "necessity", "alternatives", "expected_rate", "failure_modes"}


def test_outside_lab_an_analytic_for_the_lab_is_told_with_file_key_and_rule(argued: Folder) -> None:
    argued.spoil("mandates/edge.yaml", "mode: lab", "mode: alert")
    unripe = {**MANIFESTS, "dwell": replace(MANIFESTS["dwell"], maturity=Maturity.LAB)}
    with pytest.raises(Invalid) as caught:
        read_site(argued.path, ENVIRON, unripe)
    (problem,) = caught.value.problems
    assert (problem.file, problem.key) == ("mandates/edge.yaml", "matrix[1].analytic (line 27)")
    assert problem.what == "`dwell` is for the lab: its figures do not hold yet (L29)"
    assert "mode `lab`" in problem.remedy


def test_in_lab_an_analytic_for_the_lab_is_read(argued: Folder) -> None:
    unripe = {name: replace(manifest, maturity=Maturity.LAB) for name, manifest in MANIFESTS.items()}
    assert read_site(argued.path, ENVIRON, unripe).mandates
