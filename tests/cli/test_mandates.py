"""``mandate new`` and ``mandate diff``: a mandate by answering, and which change needs a decision."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vitrail.cli.app import app
from vitrail.cli.exits import EXIT_CODES, FOUND, exit_code
from vitrail.domain import errors

ENVIRON = {"COLUMNS": "200", "CAM_USER": "a", "CAM_PASSWORD": "b"}


def day(days: int) -> str:
    """Commands read the real clock: mandates of these tests are in force on the day they run."""
    return (datetime.now(UTC).date() + timedelta(days)).isoformat()


ANSWERS = {
    "id": "night",
    "title": "Night watch",
    "mode": "statistics",
    "controller": "City, 1 square",
    "legal_basis": "GDPR art. 6(1)(e)",
    "decision.body": "Council",
    "decision.number": "2026-12",
    "decision.date": day(-30),
    "decision.url": "https://city.example/2026-12",
    "decision.document": "trial-decision.md",
    "supplier": "Nobody: run by the city",
    "cost": "4000 EUR",
    "matrix.entrance.presence.trial": "yes",
    "purposes.trial.objective": "safety_of_closed_places",
    "purposes.trial.harm": "Three people fell into the pit in 2025",
    "purposes.trial.success": "Nobody falls in for a year",
    "purposes.trial.review": day(90),
    "arguments.presence.necessity": "Nobody is there at night",
    "arguments.presence.alternative": "A fence",
    "arguments.presence.why_not": "Built in 2024 and climbed over",
    "arguments.presence.expected_rate": "2 a night, one right",
    "arguments.presence.failure_modes": "Foxes",
    "recipients": "fire brigade, police",
    "start": day(-2),
    "end": day(180),
}


def run(*words: str, typed: str = "") -> Result:
    return CliRunner(env=ENVIRON).invoke(app, list(words), input=typed)


def code(result: Result) -> int:
    known = isinstance(result.exception, errors.VitrailError)
    return exit_code(result.exception) if known else result.exit_code  # type: ignore[arg-type]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "town"
    assert run("init", str(folder)).exit_code == 0
    text = (folder / "site.yaml").read_text(encoding="utf-8").replace('reviewed_by: ""', "reviewed_by: A. Officer")
    (folder / "site.yaml").write_text(text.replace("profile: ", "profile: fr # "), encoding="utf-8")
    (folder / "mandates" / "trial.yaml").unlink()
    return folder


def answered(site: Path, **changed: str) -> Result:
    said = ANSWERS | {key.replace("__", "."): value for key, value in changed.items()}
    file = site / "answers.yaml"
    file.write_text("".join(f'{key}: "{value}"\n' for key, value in said.items()), encoding="utf-8")
    return run("mandate", "new", "--site", str(site), "--answers", str(file))


def test_answers_make_a_mandate_that_check_accepts(site: Path) -> None:
    assert answered(site).exit_code == 0
    text = (site / "mandates" / "night.yaml").read_text(encoding="utf-8")
    digest = hashlib.sha256((site / "mandates" / "trial-decision.md").read_bytes()).hexdigest()
    assert f'sha256: "{digest}"' in text
    assert 'recipients: ["fire brigade", "police"]' in text
    assert "dwell" not in text, "what nobody said yes to is left out"
    assert run("check", "--site", str(site)).exit_code == 0


def test_a_decision_from_elsewhere_is_laid_beside_the_mandate(site: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.pdf").write_bytes(b"the council decides")
    assert answered(site, decision__document=str(tmp_path / "elsewhere.pdf")).exit_code == 0
    assert (site / "mandates" / "elsewhere.pdf").read_bytes() == b"the council decides"
    assert run("check", "--site", str(site)).exit_code == 0


REFUSED = {
    "a function for an objective": ({"purposes__trial__objective": "intrusion detection"}, "(L03)"),
    "a vague objective": ({"purposes__trial__objective": "security"}, "too vague to be an objective (L03)"),
    "evaluation outside lab": ({"purposes__trial__objective": "evaluation"}, "mode `lab` only (L03)"),
    "a vague harm": ({"purposes__trial__harm": "security and order"}, "says nothing that can be checked (L03)"),
    "a rate without a figure": ({"arguments__presence__expected_rate": "rarely"}, "names no figure (L05)"),
    "no necessity": ({"arguments__presence__necessity": ""}, "an answer is needed"),
    "a decision that is not there": ({"decision__document": "missing.pdf"}, "is not a file (L01)"),
    "no web address": ({"decision__url": "on request"}, "no web address (L01)"),
    "31 days": ({"retention_hours": "744"}, "at most 720 under profile `fr` (L15)"),
    "a name that climbs": ({"id": "../site"}, "small letters"),
    "an impossible day": ({"start": "2026-02-30"}, "a day of the calendar"),
    "nothing allowed": ({"matrix__entrance__presence__trial": "no"}, "allows nothing"),
    "an end before the start": ({"end": day(-10)}, "does not come after"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_answers_that_do_not_do_are_refused_and_nothing_is_written(site: Path, name: str) -> None:
    changed, said = REFUSED[name]
    result = answered(site, **changed)
    assert code(result) == EXIT_CODES[errors.Invalid]
    assert isinstance(result.exception, errors.Invalid)
    told = " ".join([str(result.exception), *(str(problem) for problem in result.exception.problems)])
    assert said in told
    assert not list((site / "mandates").glob("*.yaml"))


@pytest.mark.parametrize("text", ["a: &x [1]\nb: *x\n", "id: !!python/object:os.system x\n", "id: [1, 2]\n", ""])
def test_hostile_answers_are_told(site: Path, text: str) -> None:
    (site / "answers.yaml").write_text(text, encoding="utf-8")
    result = run("mandate", "new", "--site", str(site), "--answers", str(site / "answers.yaml"))
    assert code(result) == EXIT_CODES[errors.Invalid]


def test_an_answer_can_become_no_key_of_the_file(site: Path) -> None:
    (site / "answers.yaml").write_text(
        "".join(f'{key}: "{value}"\n' for key, value in ANSWERS.items()).replace(
            '"Night watch"', '"x\\"\\nmode: lab\\nrecording: all # \\u2028"'
        ),
        encoding="utf-8",
    )
    result = run("mandate", "new", "--site", str(site), "--answers", str(site / "answers.yaml"))
    assert result.exit_code == 0, result.output
    assert 'mode: "statistics"' in (site / "mandates" / "night.yaml").read_text(encoding="utf-8")


def test_an_existing_mandate_is_not_overwritten(site: Path) -> None:
    assert answered(site).exit_code == 0
    assert code(answered(site)) == EXIT_CODES[errors.Conflict]


def test_typed_questions_come_in_order_and_a_vague_purpose_is_asked_again(site: Path) -> None:
    lines = list(ANSWERS.values())
    lines.insert(13, "no")  # dwell, the second line of the matrix
    lines.insert(14, "security")
    lines.insert(24, "yes")  # recording
    typed = "\n".join([*lines, "72", ""])
    result = run("mandate", "new", "--site", str(site), typed=typed)
    assert result.exit_code == 0, result.output
    assert "`security` is too vague to be an objective (L03)" in result.output + result.stderr
    assert run("check", "--site", str(site)).exit_code == 0


def _changed(site: Path, old: str, new: str) -> Path:
    text = (site / "mandates" / "night.yaml").read_text(encoding="utf-8")
    assert old in text
    path = site / "changed.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_a_material_change_on_the_same_decision_is_found(site: Path) -> None:
    answered(site)
    wider = _changed(site, "retention_hours: 72", "retention_hours: 96")
    result = run("mandate", "diff", str(site / "mandates" / "night.yaml"), str(wider))
    assert result.exit_code == FOUND
    assert "material  kept longer: 72 -> 96 hours" in result.output


def test_a_material_change_on_a_new_decision_is_told_and_passes(site: Path) -> None:
    answered(site)
    wider = _changed(site, "retention_hours: 72", "retention_hours: 96")
    text = wider.read_text(encoding="utf-8")
    digest = text.split('sha256: "')[1][:64]
    wider.write_text(text.replace(digest, "ab" * 32), encoding="utf-8")
    result = run("mandate", "diff", str(site / "mandates" / "night.yaml"), str(wider))
    assert result.exit_code == 0
    assert "material  kept longer" in result.output


def test_a_change_that_is_not_material_passes(site: Path) -> None:
    answered(site)
    other = _changed(site, "Night watch", "Night")
    result = run("mandate", "diff", str(site / "mandates" / "night.yaml"), str(other))
    assert (result.exit_code, result.output) == (0, "other     title: Night watch -> Night\n")


def test_comparing_with_something_else_is_told(site: Path) -> None:
    answered(site)
    result = run("mandate", "diff", str(site / "mandates" / "night.yaml"), str(site / "site.yaml"))
    assert code(result) == EXIT_CODES[errors.Invalid]
