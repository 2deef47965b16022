"""The handbook says what the code does."""

import re
import tomllib
from pathlib import Path

import pytest
from tools import write_docs

from vitrail.adapters.sitefolder import mandate_schema, site_schema

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def _project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]  # type: ignore[no-any-return]


def _dependencies() -> list[str]:
    project = _project()
    rows = [*project["dependencies"], *project["optional-dependencies"]["dev"]]  # type: ignore[misc, index]
    return [re.match(r"[\w.-]+", row).group() for row in rows]  # type: ignore[union-attr]


def test_generated_pages_are_fresh() -> None:
    assert list(write_docs.stale()) == [], "run `make docs` and commit what it writes"


def test_a_page_that_differs_is_missing_or_left_over_is_found(tmp_path: Path) -> None:
    made = write_docs.pages()
    for path, text in made.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert list(write_docs.stale(tmp_path)) == []
    (tmp_path / "site.md").write_text("something else", encoding="utf-8")
    (tmp_path / "profiles.md").unlink()
    (tmp_path / "commands" / "old.md").write_text("gone", encoding="utf-8")
    assert set(write_docs.stale(tmp_path)) == {"site.md", "profiles.md", "commands/old.md"}


@pytest.mark.parametrize("command", ["demo", "init", "check", "watch", "analyse", "alerts", "models-fetch",
                                     "ledger-verify", "mandate-check", "account-add"])  # fmt: skip
def test_every_promised_command_has_a_page(command: str) -> None:
    text = write_docs.pages()[f"commands/{command}.md"]
    assert f"# vitrail {command.replace('-', ' ')}" in text


def test_every_option_of_every_command_is_explained() -> None:
    for path, text in write_docs.pages().items():
        if path.startswith("commands/") and path != "commands/index.md":
            rows = re.findall(r"^\| `(.+?)` \| *(.*?) *\|$", text, re.MULTILINE)
            assert all(meaning for _, meaning in rows), (path, rows)


def test_every_setting_is_explained() -> None:
    text = write_docs.pages()["site.md"]
    rows = re.findall(r"^\| `([^`]+)` \| (?:required|optional|default [^|]+) \| *(.*?) *\|$", text, re.MULTILINE)
    assert all(meaning for _, meaning in rows), rows
    keys = {key.rsplit(".", 1)[-1] for key, _ in rows}
    for schema in (site_schema(), mandate_schema()):
        named = set(re.findall(r'^ +"([a-z_0-9]+)": \{$', schema, re.MULTILINE)) - _SCHEMA_WORDS
        assert named <= keys, named - keys


_SCHEMA_WORDS = {"properties", "items", "additionalProperties", "hours", "position", "decision"}


def test_every_source_folder_is_named_in_the_plan() -> None:
    plan = (DOCS / "house.md").read_text(encoding="utf-8")
    source = ROOT / "src" / "vitrail"
    folders = {path.parent.relative_to(source) for path in source.rglob("*.py")} - {Path()}
    missing = [str(folder) for folder in sorted(folders) if f"`{folder}`" not in plan]
    assert missing == []


def test_the_plan_names_no_folder_that_is_gone() -> None:
    plan = (DOCS / "house.md").read_text(encoding="utf-8")
    for folder in re.findall(r"^\| `([a-z/]+)` \|", plan, re.MULTILINE):
        assert (ROOT / "src" / "vitrail" / folder).is_dir(), folder


@pytest.mark.parametrize("package", _dependencies())
def test_every_dependency_is_argued(package: str) -> None:
    text = (DOCS / "decisions.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {re.escape(package)} \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert row, f"docs/decisions.md: {package}: licence, size, why and upkeep, how we would leave it"


def test_no_dependency_is_argued_that_is_gone() -> None:
    text = (DOCS / "decisions.md").read_text(encoding="utf-8")
    argued = set(re.findall(r"^\| ([\w.-]+) \|", text.split("## Dependencies")[1], re.MULTILINE)) - {"package"}
    assert argued == set(_dependencies())


def test_every_page_can_be_reached_from_the_first() -> None:
    seen: set[Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        seen.add(page)
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            found = (page.parent / target).resolve()
            assert found.exists(), f"{page.relative_to(DOCS)} points to {target}, which is not there"
            if found.suffix == ".md" and found not in seen:
                waiting.append(found)
    assert set(DOCS.rglob("*.md")) - seen == set()


def test_the_glossary_gives_each_word_one_line() -> None:
    rows = re.findall(r"^\| (.+?) \| .+ \|.*\|$", (DOCS / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    words = [word.strip() for row in rows for word in row.split(",")]
    assert len(words) == len(set(words))
    for word in ("mandate", "permit", "grant", "desk", "alert", "verdict", "track", "mask", "ledger", "stream"):
        assert word in words
