"""Purposes that are refused and purposes that are not (law.md L03)."""

import pytest

from tests.adapters.sitefolder.conftest import Folder
from tests.adapters.sitefolder.rows import problems_of
from vitrail.adapters.sitefolder.purposes import why_no_objective, why_vague
from vitrail.domain.mandates import OBJECTIVES

FUNCTIONS = [
    "detection of graffiti",
    "détection d'intrusion",
    "face_recognition",
    "people counting",
    "comptage",
    "video analysis",
    "vidéosurveillance intelligente",
    "tracking",
    "presence",
    "loitering",
    "line_crossing",
    "recherche par photo",
    "AI",
]
VAGUE = [
    "security",
    "sécurité",
    "public security",
    "sécurité publique",
    "public order",
    "abnormal behaviour",
    "comportements anormaux",
    "suspicious_persons",
    "personnes suspectes",
    "delinquency",
    "nuisances",
    "prévention de la délinquance",
    "other",
]


@pytest.mark.parametrize("text", FUNCTIONS)
def test_functions_are_no_objectives(text: str) -> None:
    assert "function of software" in why_no_objective(text)


@pytest.mark.parametrize("text", VAGUE)
def test_vague_words_are_no_objectives(text: str) -> None:
    assert "too vague" in why_no_objective(text)


def test_anything_else_outside_the_closed_list_is_refused_too() -> None:
    assert "closed list" in why_no_objective("happiness_of_everybody")


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_closed_list_is_accepted(objective: str) -> None:
    assert why_no_objective(objective) == ""


@pytest.mark.parametrize("text", ["security", "Sécurité publique.", "abnormal conduct near the gate", "too much", "…"])
def test_harms_that_say_nothing_are_refused(text: str) -> None:
    assert "(L03)" in why_vague(text)


@pytest.mark.parametrize("text", ["Three people drowned here in 2025.", "Deux chutes par an depuis le quai nord."])
def test_harms_that_can_be_checked_are_accepted(text: str) -> None:
    assert why_vague(text) == ""


def test_a_refused_objective_is_told_with_rule_and_closed_list(folder: Folder) -> None:
    folder.spoil("mandates/edge.yaml", "objective: safety_of_closed_places", "objective: intrusion detection")
    (told,) = problems_of(folder)
    assert told.key.startswith("purposes[0].objective")
    assert "(L03)" in told.what
    assert all(objective in told.remedy for objective in OBJECTIVES)


def test_evaluation_is_no_purpose_outside_the_lab(argued: Folder) -> None:
    folder = argued
    folder.spoil("mandates/edge.yaml", "objective: safety_of_closed_places", "objective: evaluation")
    assert folder.read().mandates[0].purposes[0].objective == "evaluation"
    folder.spoil("mandates/edge.yaml", "mode: lab", "mode: statistics")
    (told,) = problems_of(folder)
    assert "mode `lab` only" in told.what


@pytest.mark.parametrize(
    "text",
    [
        "Nuisances by groups in the evening are fewer",
        "Begging in front of the station is seen sooner",
        "La mendicité devant la gare diminue",
        "Homeless people no longer sleep in the arcade",
        "Loitering on the square ends",
    ],
)
def test_how_people_live_is_no_harm(text: str) -> None:
    assert "CSI R.253-1" in why_vague(text)
    assert not why_vague("Bathers drown at night in the basin")
