"""The impact assessment covers what runs, was validated by somebody else, and any change reopens it (L06)."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders as b
from tests.builders import NOW_US
from tests.guard.world import World
from vitrail.domain.assessments import Assessment, Topic, Validation
from vitrail.domain.errors import Refused
from vitrail.domain.mandates import Mode, Permit
from vitrail.domain.time import HOUR_US
from vitrail.guard import decide
from vitrail.guard.assessment import Coverage, cover, reopened, topics, unassessed
from vitrail.guard.gatekeeper import Gatekeeper

SITE = b.site()
MANIFESTS = {"presence": b.analytic(), "dwell": b.analytic(id="dwell", kinds=frozenset({"dwell"}))}
MANDATE = b.mandate(mode=Mode.ALERT, recipients=("Fire brigade",))
SAID = "is needed there because nothing else"
CONFIGURATION = "12" * 32


def wanted(**changes: Any) -> tuple[Topic, ...]:
    return topics(changes.pop("site", SITE), [replace(MANDATE, **changes)], MANIFESTS)


def assessment(*lines: str, **changes: Any) -> Assessment:
    spoken = lines or tuple(f"{topic}: {SAID}" for topic in wanted())
    given: dict[str, Any] = {
        "name": "Yard",
        "author": "A. Writer",
        "validator": "B. Controller",
        "validated": True,
        "lines": {111: spoken},
        "sha256": "34" * 32,
    }
    return Assessment(**(given | changes))


def validation(**changes: str) -> Validation:
    return replace(Validation("B. Controller", "2026-11-20", "34" * 32, CONFIGURATION), **changes)


def ask(said: Assessment | None, given: Validation | None, whole: Sequence[Topic] = ()) -> Refused | None:
    return reopened(cover(whole or wanted(), said), said, given, CONFIGURATION)


def test_everything_that_runs_is_a_topic() -> None:
    assert {str(topic) for topic in wanted()} == {
        "camera gate",
        "analytic presence",
        "data presence",
        "data people",
        "data pictures",
        "recipient staff",
        "recipient Fire brigade",
        "retention 72 h",
    }


MORE: dict[str, tuple[str, dict[str, Any]]] = {
    "a camera": ("camera yard", {"site": b.site(cameras=(b.camera(), b.camera(id="yard")))}),
    "an analytic": ("analytic dwell", {"matrix": frozenset({("gate", "dwell", "closed-yard")})}),
    "a data field": ("data dwell", {"matrix": frozenset({("gate", "dwell", "closed-yard")})}),
    "a recipient": ("recipient police", {"recipients": ("police",)}),
    "a retention": ("retention 96 h", {"retention_us": 96 * HOUR_US}),
}


@pytest.mark.parametrize("name", MORE)
def test_what_is_added_is_not_covered_and_closes_the_gate(name: str) -> None:
    missing, changed = MORE[name]
    assert ask(assessment(), validation()) is None
    now = cover(wanted(**changed), assessment())
    assert missing in {str(topic) for topic in now.missing}
    assert now.share < 1
    refused = ask(assessment(), validation(), wanted(**changed))
    assert refused is not None
    assert refused.rule == "L06"
    assert missing in refused.what


REOPENED: dict[str, tuple[str, Assessment | None, Validation | None]] = {
    "no assessment": ("there is no impact assessment", None, validation()),
    "nobody wrote it": ("does not name", assessment(author=" "), validation()),
    "nobody is to validate it": ("does not name", assessment(validator=""), validation()),
    "the author validates": ("author of the impact assessment is", assessment(author="b.  CONTROLLER"), validation()),
    "not validated in the tool": ("not validated in the CNIL's tool", assessment(validated=False), validation()),
    "no validation": ("nobody validated", assessment(), None),
    "validated by somebody else": ("C. Other validated", assessment(), validation(by="C. Other")),
    "changed afterwards": ("changed after its validation", assessment(), validation(document_sha256="00" * 32)),
    "the configuration changed": ("the configuration was changed", assessment(), validation(configuration="00" * 32)),
}  # fmt: skip


@pytest.mark.parametrize("name", REOPENED)
def test_what_reopens_the_assessment(name: str) -> None:
    said, document, given = REOPENED[name]
    refused = ask(document, given)
    assert refused is not None
    assert (refused.rule, said in refused.what) == ("L06", True), refused.what


@pytest.mark.parametrize(
    ("line", "covered"),
    [
        ("camera gate: it stands over the entrance", True),
        ("Caméra  gate : elle surveille la seule entrée", True),
        ("CAMERA GATE: it stands over the entrance", True),
        ("camera gate: at the gate", False),
        ("camera gate:", False),
        ("camera gate it stands over the entrance", False),
        ("camera gate-2: it stands over the entrance", False),
        ("the camera gate: it stands over the entrance", False),
        ("analytic gate: it stands over the entrance", False),
    ],
)
def test_a_topic_needs_its_name_and_five_words(line: str, covered: bool) -> None:
    assert cover([Topic("camera", "gate")], assessment(line)).missing == (() if covered else (Topic("camera", "gate"),))


def test_a_recipient_may_have_a_colon_in_its_name() -> None:
    topic = Topic("recipient", "SDIS 31: control room")
    assert not cover([topic], assessment("recipient SDIS 31: control room: calls out the engines at night")).missing


@given(st.sets(st.sampled_from(wanted())))
def test_coverage_counts_exactly_what_is_missing(left_out: set[Topic]) -> None:
    rows = tuple(f"{topic}: {SAID}" for topic in wanted() if topic not in left_out) or ("nothing",)
    coverage = cover(wanted(), assessment(*rows))
    assert set(coverage.missing) == left_out
    assert (coverage.share == 1) == (not left_out)


def test_nothing_to_cover_is_covered() -> None:
    assert Coverage((), ()).share == 1


def test_only_mandates_outside_lab_are_barred() -> None:
    refused = ask(None, None)
    assert set(unassessed([b.mandate(), replace(MANDATE, id="street")], refused)) == {"street"}
    assert not unassessed([MANDATE], None)


@pytest.mark.parametrize(("mode", "closed"), [(Mode.ALERT, True), (Mode.STATISTICS, True), (Mode.LAB, False)])
def test_without_an_assessment_the_gate_is_closed_outside_lab(mode: Mode, closed: bool) -> None:
    camera, mandate = b.camera(), b.mandate(mode=mode)
    refused = ask(None, None)
    assert refused is not None
    law = decide.Law((mandate,), b.profile(), MANIFESTS, barred={mandate.id: refused})
    for stream in camera.streams:
        answer = decide.permit(camera, stream, law, NOW_US)
        assert isinstance(answer, Refused if closed else Permit)
    assert ("L06" in {r.rule for r in decide.refusals(SITE, law, NOW_US)}) == closed


def test_the_gatekeeper_says_so_in_the_ledger(tmp_path: Path) -> None:
    world = World(tmp_path, mandates=[MANDATE])
    keeper = Gatekeeper(
        world.site,
        [MANDATE],
        world.profile,
        world.ledger,
        world.clock,
        [b.analytic()],
        unassessed=lambda mandates, _: unassessed(mandates, ask(None, None)),
    )
    with pytest.raises(Refused, match="there is no impact assessment"):
        keeper.permit("gate", world.stream.id)
    assert keeper.barred().keys() == {MANDATE.id}
    assert world.entries()[-1].rule == "L06"
