"""What the errors of the product say, read from its source: each text with ``{}`` for what is filled in."""

__all__ = ["said_by"]

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_KINDS = {"Conflict", "Corrupt", "Invalid", "NotFound", "Refused", "Unavailable"}
_DRAWN = ("domain/geometry.py", "domain/calibration.py")
"""What people draw goes through these: their ``ValueError`` is told to whoever draws."""
_PARTS = ("what", "rule", "remedy")
_FILLED_IN = {"called"}
"""Functions whose answer is filled into what errors say."""
_SENTENCE = re.compile(r"[a-z]{2,}\W+[^\W{]|[^\W}]\W+[a-z]{2,}|[a-z]{2}:? \{|\} [a-z]{2}")
"""More than one word, or a word and something filled in: not L13, CSRF or `case`."""


def said_by(files: Mapping[str, Path]) -> dict[str, str]:
    """Every text that an error made in ``files`` may say, and where: given to one of the six kinds, to a function that
    hands it on as ``what``, ``rule`` or ``remedy``, or put into a variable of that name before."""
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in files.items()}
    known = {kind: ["what"] for kind in _KINDS} | _handing_on(trees.values())
    found: dict[str, str] = {}
    for name, tree in trees.items():
        for node in ast.walk(tree):
            told = _told(node, known | {"ValueError": ["what"]} if name in _DRAWN else known)
            for text in (t for value in told for t in _texts(value)):
                if _SENTENCE.search(text):
                    found.setdefault(text, f"{name}:{getattr(node, 'lineno', 0)}")
    return found


def _handing_on(trees: Iterable[ast.Module]) -> dict[str, list[str]]:
    """Functions of the house with such a parameter: name to the names of its parameters, in order."""
    found = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names = [a.arg for a in node.args.args if a.arg not in ("self", "cls")]
                if "what" in names or "remedy" in names:
                    found[node.name] = names
    return found


def _told(node: ast.AST, known: Mapping[str, list[str]]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        if node.targets[0].id.strip("_").lower() in _PARTS:
            yield node.value
    elif isinstance(node, ast.FunctionDef) and node.name in _FILLED_IN:
        yield from (one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value is not None)
    elif isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in known:
            yield from (value for part, value in zip(known[name], node.args, strict=False) if part in _PARTS)
            yield from (k.value for k in node.keywords if k.arg in _PARTS)


def _texts(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield from map("".join, itertools.product(*(list(_texts(part)) or ["{}"] for part in parts)))
        case ast.FormattedValue(value=ast.IfExp() as either):
            yield from _texts(either)
        case ast.IfExp(body=one, orelse=other):
            yield from (*_texts(one), *_texts(other))
        case ast.BoolOp(values=several):
            for one in several:
                yield from _texts(one)
