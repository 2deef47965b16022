"""``assessment``: from a draft to a validation, and back to the start when something changes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.cli.test_mandates import answered, site
from vitrail.cli.app import app
from vitrail.cli.exits import EXIT_CODES, FOUND, exit_code
from vitrail.domain import errors

__all__ = ["site"]


def run(*words: str) -> Result:
    environ = {"COLUMNS": "200", "CAM_USER": "a", "CAM_PASSWORD": "b"}
    return CliRunner(env=environ).invoke(app, list(words))


def code(result: Result) -> int:
    known = isinstance(result.exception, errors.VitrailError)
    return exit_code(result.exception) if known else result.exit_code  # type: ignore[arg-type]


@pytest.fixture
def counted(site: Path) -> Path:
    """A site that counts, under a mandate outside lab."""
    text = (site / "site.yaml").read_text(encoding="utf-8")
    head, _, rest = text.partition("      - analytic: dwell")
    (site / "site.yaml").write_text(head, encoding="utf-8")
    assert "purpose: trial" in rest
    assert answered(site).exit_code == 0
    return site


def assess(site: Path, *words: str) -> Result:
    return run("assessment", *words, "--site", str(site))


def argued(site: Path, **pia: Any) -> Path:
    """The draft as the tool would give it back, every line argued."""
    draft = site.parent / "draft.json"
    draft.unlink(missing_ok=True)
    assert assess(site, "export", str(draft)).exit_code == 0
    value = json.loads(re.sub(r": </li>", ": nothing less would do here</li>", draft.read_text(encoding="utf-8")))
    people = {"author_name": "A. Writer", "validator_name": "B. Mayor", "status": 2}
    value["pia"] |= people | pia
    done = site.parent / "done.json"
    done.write_text(json.dumps(value), encoding="utf-8")
    return done


def test_from_the_draft_to_the_validation(counted: Path) -> None:
    before = assess(counted, "check")
    assert before.exit_code == FOUND
    assert "missing: camera entrance" in before.output
    assert "closed for every mandate outside lab" in before.output
    assert assess(counted, "import", str(argued(counted))).exit_code == 0
    assert "(100 %)" in assess(counted, "check").output
    assert assess(counted, "check").exit_code == FOUND, "nobody validated it yet"
    assert assess(counted, "validate", "--by", "B. Mayor").exit_code == 0
    after = assess(counted, "check")
    assert (after.exit_code, "validated for this configuration" in after.output) == (0, True)


def _rules(site: Path) -> str:
    result = run("mandate", "check", "--site", str(site))
    return result.output + result.stderr


def test_the_gate_says_l06_until_it_is_validated_and_again_after_a_change(counted: Path) -> None:
    assert "L06" in _rules(counted)
    assess(counted, "import", str(argued(counted)))
    assess(counted, "validate", "--by", "B. Mayor")
    assert "L06" not in _rules(counted)
    text = (counted / "site.yaml").read_text(encoding="utf-8")
    (counted / "site.yaml").write_text(text.replace("name: Forecourt", "name: Forecourt and road"), encoding="utf-8")
    assert "the configuration was changed" in _rules(counted)
    assert assess(counted, "check").exit_code == FOUND


def test_an_added_analytic_takes_coverage_below_100_percent(counted: Path) -> None:
    assess(counted, "import", str(argued(counted)))
    assess(counted, "validate", "--by", "B. Mayor")
    with (counted / "site.yaml").open("a", encoding="utf-8") as file:
        file.write("      - {analytic: occupancy, purpose: trial, zones: [forecourt]}\n")
    text = (counted / "site.yaml").read_text(encoding="utf-8")
    (counted / "site.yaml").write_text(text.replace("# max_people", "max_people"), encoding="utf-8")
    said = assess(counted, "check")
    assert said.exit_code == FOUND
    assert "missing: analytic occupancy" in said.output
    assert "covers" in said.output + said.stderr
    more = counted.parent / "more.json"
    assert assess(counted, "export", str(more)).exit_code == 0
    assert "analytic occupancy: " in more.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("pia", "by", "said"),
    [
        ({"author_name": "B. Mayor"}, "B. Mayor", "author of the impact assessment is its validator"),
        ({"status": 0}, "B. Mayor", "not validated in the CNIL's tool"),
        ({}, "A. Writer", "A. Writer validated"),
    ],
)
def test_who_may_not_validate(counted: Path, pia: dict[str, Any], by: str, said: str) -> None:
    assess(counted, "import", str(argued(counted, **pia)))
    result = assess(counted, "validate", "--by", by)
    assert code(result) == EXIT_CODES[errors.Refused]
    assert isinstance(result.exception, errors.Refused)
    assert said in result.exception.what
    assert not (counted / "assessment.yaml").exists()


def test_what_is_no_assessment_is_not_imported(counted: Path) -> None:
    (counted / "x.json").write_bytes(b"[" * 100_000)
    assert code(assess(counted, "import", str(counted / "x.json"))) == EXIT_CODES[errors.Invalid]
    assert not (counted / "assessment.json").exists()


def test_an_export_writes_over_nothing(counted: Path) -> None:
    assert code(assess(counted, "export", str(counted / "site.yaml"))) == EXIT_CODES[errors.Conflict]


def test_in_lab_nothing_is_closed(counted: Path) -> None:
    (counted / "mandates" / "night.yaml").unlink()
    said = assess(counted, "check")
    assert "In lab nothing is closed." in said.output
