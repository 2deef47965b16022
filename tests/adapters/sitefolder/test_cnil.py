"""The JSON of the CNIL's tool: nothing is lost on the way through, and nothing hostile gets in."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.sitefolder.conftest import Folder
from tests.adapters.sitefolder.rows import problems_of
from vitrail.adapters.sitefolder.assessment import write_document, write_validation
from vitrail.adapters.sitefolder.cnil import MAX_BYTES, draft, read_pia
from vitrail.domain.assessments import QUESTIONS, Topic, Validation
from vitrail.domain.errors import Invalid

HTML = "<p>On&nbsp;the quay</p><ul><li>camera <b>quay</b>: over the water<br>and more</li></ul>"
SMALL: dict[str, Any] = {
    "pia": {"name": "Quay", "status": 3, "author_name": "A. Writer", "validator_name": "B. Mayor", "id": 12},
    "answers": [
        {
            "pia_id": 12,
            "reference_to": 111,
            "data": {"text": HTML, "gauge": 0, "list": []},
        },
        {"reference_to": "324", "data": {"text": None, "gauge": None, "list": ["Masking", "Retention"]}},
    ],
    "measures": [{"title": "Masking", "content": "People are masked", "id": 4}],
    "evaluations": [{"reference_to": "2.1.211", "status": 3, "gauges": {"x": 0, "y": 1}}],
    "comments": None,
}  # fmt: skip

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | _text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_text, inner, max_size=2),
    max_leaves=4,
)
_more = st.dictionaries(_text.map(lambda key: f"x_{key}"), _json, max_size=3)
_answers = st.builds(
    lambda question, text, words, more: more | {"reference_to": question, "data": {"text": text, "list": words}},
    st.sampled_from(sorted(QUESTIONS)) | st.sampled_from(sorted(QUESTIONS)).map(str),
    _text | st.none(),
    st.lists(_text, max_size=2) | st.none(),
    _more,
)
_files = st.builds(
    lambda pia, name, more, **lists: more | {"pia": pia | {"name": name}, "comments": []} | lists,
    pia=_more,
    name=_text | st.none(),
    more=_more,
    answers=st.lists(_answers, max_size=3) | st.none(),
    measures=st.lists(_more, max_size=2),
    evaluations=st.lists(_more.map(lambda more: more | {"reference_to": "3.2"}), max_size=2),
)


@settings(deadline=None)
@given(_files)
def test_what_comes_from_the_tool_goes_back_to_it_unchanged(value: dict[str, Any]) -> None:
    read = read_pia(json.dumps(value).encode(), "a.json")
    again = read_pia(read.text().encode(), "b.json")
    assert json.loads(read.text()) == value
    assert again.assessment() == read.assessment()


@settings(deadline=None)
@given(_files, st.lists(st.builds(Topic, st.sampled_from(["camera", "data", "retention"]), _text), max_size=4))
def test_lines_to_be_argued_are_added_and_nothing_else_is_touched(value: dict[str, Any], missing: list[Topic]) -> None:
    read = read_pia(json.dumps(value).encode(), "a.json")
    more = read_pia(read.with_topics(missing).text().encode(), "b.json")
    assert json.loads(read.text()) == value, "the first document stays as it was"
    for before, after in zip(value["answers"] or [], more.value.get("answers") or [], strict=False):
        assert after["reference_to"] == before["reference_to"]
        assert (after["data"]["text"] or "").startswith(before["data"]["text"] or "")
        assert after["data"]["list"] == before["data"]["list"]
    for key in set(value) - {"answers"}:
        assert more.value[key] == value[key]
    if not missing:
        assert more.value == read.value


def test_html_becomes_lines_and_lists_are_read_too() -> None:
    said = read_pia(json.dumps(SMALL).encode(), "a.json").assessment()
    assert said.lines[111] == ("On\xa0the quay", "camera quay: over the water", "and more")
    assert said.lines[324] == ("Masking", "Retention")
    assert (said.name, said.author, said.validator, said.validated) == ("Quay", "A. Writer", "B. Mayor", True)


@pytest.mark.parametrize(
    ("status", "validated"), [(0, False), (1, False), (2, True), ("3", True), (4, False), (None, False)]
)
def test_validated_is_what_the_tool_calls_so(status: object, validated: bool) -> None:
    value = SMALL | {"pia": SMALL["pia"] | {"status": status}}
    assert read_pia(json.dumps(value).encode(), "a.json").assessment().validated == validated


def test_the_tools_36_questions() -> None:
    assert len(QUESTIONS) == 36
    assert (min(QUESTIONS), max(QUESTIONS)) == (111, 346)


def test_a_draft_names_every_topic_and_argues_none() -> None:
    topics = [Topic("camera", "quay <1>"), Topic("data", "pictures"), Topic("retention", "72 h")]
    lines = draft("Harbour", "2026-11-24").with_topics(topics).assessment().lines
    assert lines == {111: ("camera quay <1>:",), 121: ("data pictures:",), 215: ("retention 72 h:",)}


def _nested(depth: int) -> bytes:
    return b'{"pia": {"x": ' + b"[" * depth + b"]" * depth + b"}}"


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "not JSON": b"<html>",
    "not UTF-8": b'{"pia": {"name": "\xff"}}',
    "a list": b"[]",
    "no pia": b'{"answers": []}',
    "pia is a list": b'{"pia": []}',
    "answers are words": b'{"pia": {}, "answers": "x"}',
    "an answer without question": b'{"pia": {}, "answers": [{"data": {}}]}',
    "an unknown question": b'{"pia": {}, "answers": [{"reference_to": 999, "data": {}}]}',
    "a question that is no number": b'{"pia": {}, "answers": [{"reference_to": "111; drop", "data": {}}]}',
    "a question in other digits": '{"pia": {}, "answers": [{"reference_to": "١١١", "data": {}}]}'.encode(),
    "a text that is a tree": b'{"pia": {}, "answers": [{"reference_to": 111, "data": {"text": {"a": 1}}}]}',
    "the same key twice": b'{"pia": {"status": 0, "status": 3}}',
    "no number": b'{"pia": {"x": NaN}}',
    "half a character": b'{"pia": {"name": "\\ud800"}}',
    "a deep bomb": _nested(200_000),
    "a long number": b'{"pia": {"x": ' + b"9" * 10_000 + b"}}",
    "too large": b" " * (MAX_BYTES + 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_the_tool_would_not_write_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        read_pia(HOSTILE[name], "a.json")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes(data: bytes) -> None:
    with contextlib.suppress(Invalid):
        assert isinstance(read_pia(data, "a.json").value, dict)


def test_a_site_folder_carries_its_assessment_and_validation(folder: Folder) -> None:
    document = read_pia(json.dumps(SMALL).encode(), "a.json")
    validation = Validation('B. "Mayor": #', "2026-11-20", document.assessment().sha256, "12" * 32)
    write_document(folder.path, document)
    write_validation(folder.path, validation)
    read = folder.read().assessment
    assert read.document == document
    assert read.validation == validation


def test_a_site_folder_without_an_assessment_is_read(folder: Folder) -> None:
    assert folder.read().assessment.document is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("validated_by: &a x\nvalidated_on: *a\n", "anchor"),
        ("validated_by: !!python/object:os.system x\n", "tag"),
        ("validated_by: x\n", "`configuration` is missing"),
        ("skip: true\n", "unknown key `skip`"),
        ("[" * 40 + "]" * 40, "levels"),
        ("", "holds no keys"),
    ],
)
def test_a_hostile_validation_is_told(folder: Folder, text: str, said: str) -> None:
    (folder.path / "assessment.yaml").write_text(text, encoding="utf-8")
    told = [problem for problem in problems_of(folder) if problem.file == "assessment.yaml"]
    assert any(said in problem.what for problem in told), told


def test_a_broken_assessment_is_told_with_its_file(folder: Folder) -> None:
    (folder.path / "assessment.json").write_bytes(b'{"pia": ')
    assert [problem.file for problem in problems_of(folder)] == ["assessment.json"]


def test_an_assessment_that_cannot_be_opened_is_told(folder: Folder) -> None:
    (folder.path / "assessment.json").mkdir()
    assert "cannot be read" in problems_of(folder)[0].what
