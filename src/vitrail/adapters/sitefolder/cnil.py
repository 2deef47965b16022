"""Impact assessments as the JSON of the CNIL's tool: read with care, written back with nothing lost.

Facts of the format: an object ``pia`` and the lists ``answers`` (``reference_to`` is the question, ``data.text`` is
HTML, ``data.list`` plain words), ``measures``, ``evaluations`` and ``comments``; any of the lists may be null.
``pia.status`` is 0 being written, 1 refused, 2 validated, 3 validated and signed, 4 archived. Keys that we do not know
are kept as they are.
"""

__all__ = ["PiaFile", "draft", "read_pia"]

import copy
import hashlib
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vitrail.domain.assessments import QUESTIONS, Assessment, Topic
from vitrail.domain.errors import Invalid

MAX_BYTES = 16_777_216
_VALIDATED = frozenset({2, 3})
_BLOCKS = frozenset({"br", "p", "div", "li", "ul", "ol", "tr", "td", "h1", "h2", "h3", "h4", "blockquote"})
_HOME: Mapping[str, int] = {"camera": 111, "analytic": 111, "data": 121, "recipient": 121, "retention": 215}
"""The question under which a draft speaks of each kind of topic."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Pia(_Part):
    name: str | None = None
    author_name: str | int | None = None
    validator_name: str | int | None = None
    status: int | str | None = None


class _Data(_Part):
    text: str | None = None
    list: Annotated[Sequence[object], Field(max_length=1000)] | None = None


class _Answer(_Part):
    reference_to: int | str
    data: _Data


class _Evaluation(_Part):
    reference_to: int | str


class _File(_Part):
    pia: _Pia
    answers: Sequence[_Answer] | None = None
    measures: Sequence[_Part] | None = None
    evaluations: Sequence[_Evaluation] | None = None
    comments: Sequence[_Part] | None = None


@dataclass(frozen=True, slots=True)
class PiaFile:
    """``value`` is the whole document, unknown keys and all."""

    value: Mapping[str, Any]

    def text(self) -> str:
        return json.dumps(self.value, ensure_ascii=False, indent=2) + "\n"

    def assessment(self) -> Assessment:
        pia = self.value["pia"]
        lines: dict[int, tuple[str, ...]] = {}
        for answer in self.value.get("answers") or ():
            question = int(answer["reference_to"])
            listed = [str(word) for word in answer["data"].get("list") or ()]
            lines[question] = (*lines.get(question, ()), *_lines(answer["data"].get("text") or ""), *listed)
        return Assessment(
            name=_word(pia.get("name")),
            author=_word(pia.get("author_name")),
            validator=_word(pia.get("validator_name")),
            validated=_word(pia.get("status")) in {str(status) for status in _VALIDATED},
            lines=lines,
            sha256=hashlib.sha256(self.text().encode()).hexdigest(),
        )

    def with_topics(self, missing: Sequence[Topic]) -> "PiaFile":
        """An empty line for each, to be argued: under the question where it belongs."""
        value = copy.deepcopy(dict(self.value))
        answers = list(value.get("answers") or ())
        for question in sorted({_HOME[topic.kind] for topic in missing}):
            rows = "".join(f"<li>{html.escape(str(t))}: </li>" for t in missing if _HOME[t.kind] == question)
            found = next((a for a in answers if str(a["reference_to"]) == str(question)), None)
            if found is None:
                found = {"reference_to": question, "data": {"text": "", "gauge": None, "list": None}}
                answers.append(found)
            found["data"]["text"] = f"{found['data'].get('text') or ''}<ul>{rows}</ul>"
        if missing:
            value["answers"] = answers
        return PiaFile(value)


def read_pia(data: bytes, name: str) -> PiaFile:
    """Raises ``Invalid`` for what the CNIL's tool would not have written, and for bombs."""
    if len(data) > MAX_BYTES:
        raise Invalid(f"{name} is {len(data):,} bytes long; at most {MAX_BYTES:,} are read")
    try:
        value = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()
        _File.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"{name} is no impact assessment of the CNIL's tool: {where}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{name} is no JSON that is read here: {error}", remedy="export it again") from error
    for answer in value.get("answers") or ():
        if not _known(answer["reference_to"]):
            raise Invalid(f"{name} answers a question that the CNIL's tool does not ask: {answer['reference_to']}")
    return PiaFile(value)


def draft(site_name: str, made: str) -> PiaFile:
    """An assessment that nobody has written yet."""
    pia = {
        "name": site_name,
        "category": "",
        "status": 0,
        "author_name": "",
        "evaluator_name": "",
        "validator_name": "",
    }
    empty: dict[str, Any] = {"answers": [], "measures": [], "evaluations": [], "comments": []}
    return PiaFile({"pia": pia | {"created_at": made}, **empty})


class _Lines(HTMLParser):
    """The words between tags; a block begins a new line. Nothing is fetched, nothing is run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.rows.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.rows.append("")

    def handle_data(self, data: str) -> None:
        first, *others = data.split("\n")
        self.rows[-1] += first
        self.rows += others


def _lines(text: str) -> tuple[str, ...]:
    parser = _Lines()
    parser.feed(text)
    parser.close()
    return tuple(row.strip() for row in parser.rows if row.strip())


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is no JSON")


def _known(reference: object) -> bool:
    text = str(reference)
    return text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) in QUESTIONS


def _word(value: object) -> str:
    return "" if value is None else str(value)
