"""The register as a folder that any web server can serve."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.builders import NOW_US
from vitrail.adapters.publishing import publish
from vitrail.domain.analytics import DeclaredRate
from vitrail.domain.errors import Conflict
from vitrail.domain.register import Figure, Register
from vitrail.domain.streams import MapPosition
from vitrail.domain.suspensions import Order, OrderKind, Suspension
from vitrail.guard import decide
from vitrail.guard.figures import Tally
from vitrail.guard.register import build


def register(**changes: Any) -> Register:
    site = b.site(cameras=(b.camera(name="The gate <b>", position=MapPosition(48.85, 2.35, 90.0)),))
    law = decide.Law((b.mandate(),), b.profile(), {"presence": b.analytic()})
    given: dict[str, Any] = {"contact": "dpo@town", "url": "https://town/register"} | changes
    stopped = Suspension(Order(OrderKind.SUSPEND, "s1", site.id, NOW_US, "olga", "officer", "the mask leaks"))
    return build(site, law, (stopped,), Tally(), NOW_US, **given)


def test_pages_in_two_languages_signs_and_four_forms_are_written(tmp_path: Path) -> None:
    names = {path.name for path in publish(register(), tmp_path / "out")}
    assert {"index.html", "index.en.html", "index.fr.html", "register.json", "sign-gate.fr.html"} <= names
    assert {"algorithm-register-nl.json", "atrs-uk.json", "article-30.json"} <= names


def test_all_forms_say_the_same(tmp_path: Path) -> None:
    publish(register(), tmp_path / "out")
    read = {p.name: json.loads(p.read_text(encoding="utf-8")) for p in (tmp_path / "out").glob("*.json")}
    mandate = read["register.json"]["mandates"][0]
    assert read["algorithm-register-nl.json"][0]["lawful_basis"] == mandate["legal_basis"]
    assert read["article-30.json"][0]["legal_basis"] == mandate["legal_basis"]
    assert read["atrs-uk.json"][0]["tier_2"]["legal_basis"] == mandate["legal_basis"]
    assert read["article-30.json"][0]["f_erasure_hours"] == mandate["retention_hours"]
    assert read["algorithm-register-nl.json"][0]["schema"] == "0.3.1"


def test_the_page_says_what_is_suspended_and_why(tmp_path: Path) -> None:
    publish(register(), tmp_path / "out")
    page = (tmp_path / "out" / "index.fr.html").read_text(encoding="utf-8")
    assert "L’analyse est suspendue" in page
    assert "the mask leaks" in page


def test_names_are_escaped(tmp_path: Path) -> None:
    publish(register(), tmp_path / "out")
    for path in (tmp_path / "out").glob("*.html"):
        assert "The gate <b>" not in path.read_text(encoding="utf-8")


def test_a_sign_has_controller_purpose_rights_and_a_code_to_the_register(tmp_path: Path) -> None:
    publish(register(), tmp_path / "out")
    sign = (tmp_path / "out" / "sign-gate.fr.html").read_text(encoding="utf-8")
    for words in (b.mandate().controller, "dpo@town", "https://town/register", "<svg", "Durée de conservation"):
        assert words in sign
    assert sign.count("<svg") == 2


def test_pages_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    publish(register(), tmp_path / "out")
    for path in (tmp_path / "out").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert 'src="http' not in text


def test_an_older_register_is_replaced_whole(tmp_path: Path) -> None:
    publish(register(), tmp_path / "out")
    (tmp_path / "out" / "sign-old.en.html").write_text("gone tomorrow")
    publish(register(), tmp_path / "out")
    assert not (tmp_path / "out" / "sign-old.en.html").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "homework.txt").write_text("mine")
    with pytest.raises(Conflict, match="holds something else"):
        publish(register(), tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["homework.txt"]


@pytest.mark.parametrize(("language", "nobody"), [("en", "nobody but the staff"), ("fr", "que les agents habilités")])
def test_why_each_analytic_runs_and_who_receives_what_leaves_is_published(
    tmp_path: Path, language: str, nobody: str
) -> None:
    publish(register(), tmp_path / "out")
    page = (tmp_path / "out" / f"index.{language}.html").read_text(encoding="utf-8")
    argument = b.argument()
    for words in (argument.necessity, argument.expected_rate, argument.alternatives[0].why_not, nobody):
        assert words in page
    (dutch,) = json.loads((tmp_path / "out" / "algorithm-register-nl.json").read_text(encoding="utf-8"))
    assert argument.necessity in dutch["proportionality"]


def test_recipients_of_the_mandate_stand_in_the_record_of_processing(tmp_path: Path) -> None:
    law = decide.Law((b.mandate(recipients=("fire brigade",)),), b.profile(), {"presence": b.analytic()})
    publish(build(b.site(), law, (), Tally(), NOW_US, "dpo@town", "https://town/register"), tmp_path / "out")
    (record,) = json.loads((tmp_path / "out" / "article-30.json").read_text(encoding="utf-8"))
    assert record["d_recipients"][-1] == "fire brigade"


def test_beside_what_was_dismissed_stands_what_the_analytic_declared(tmp_path: Path) -> None:
    declaring = b.analytic(declared=DeclaredRate(0.5, "benchmarks/some.py"))
    law = decide.Law((b.mandate(),), b.profile(), {"presence": declaring})
    seen = Figure("gate", "presence", "day", 3, 1, 2, None, None, 2.0, 0.5)
    publish(replace(build(b.site(), law, (), Tally(), NOW_US), figures=(seen,)), tmp_path / "out")
    assert "declared: at most 12<" in (tmp_path / "out" / "index.en.html").read_text(encoding="utf-8")
    assert "déclaré : au plus 12<" in (tmp_path / "out" / "index.fr.html").read_text(encoding="utf-8")
    (said,) = json.loads((tmp_path / "out" / "register.json").read_text(encoding="utf-8"))["analytics"]
    assert said["false_alarms_declared_a_day"] == 12
