"""Proof of absence: looks through what is installed for anything that crosses a red line (law.md; L32). Values in,
findings out; adapters read packages, files and databases.

The scans read names: they prove that nothing here is called so, imported or stored, and that no model declares such an
output. They cannot prove what code hidden under an innocent name does: for that, the sources and their digests lie in
the audit bundle, to be read.
"""

__all__ = ["Exhibits", "Finding", "absence", "coverage", "report"]

import ast
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from vitrail.domain.models import MASK_ONLY, identity_words, names_heads
from vitrail.guard.red_lines import BANS, RED_LINES, Ban, Scan

_BY_NAME = {"import_module", "__import__"}


@dataclass(frozen=True, slots=True)
class Exhibits:
    """What is looked through. ``sources``: path inside the installation -> text. ``schema``: table -> columns.
    ``triggers``: their text. ``models``: who speaks -> every word it can say."""

    dependencies: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    schema: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    triggers: tuple[str, ...] = ()
    models: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """``found`` at ``where`` crosses the red line ``line``."""

    line: str
    scan: str
    where: str
    found: str
    reason: str


def absence(exhibits: Exhibits) -> list[Finding]:
    """Everything that crosses a red line; empty is the proof."""
    found = [
        *_banned(Scan.DEPENDENCY, "installed", exhibits.dependencies),
        *(hit for path, text in exhibits.sources.items() for hit in _source(path, text)),
        *(hit for table, columns in exhibits.schema.items() for hit in _banned(Scan.COLUMN, table, columns)),
        *(hit for name, words in exhibits.models.items() for hit in _model(name, words)),
        *_triggers(exhibits),
    ]
    return sorted(set(found), key=lambda hit: (hit.line, hit.scan, hit.where, hit.found))


def coverage() -> Mapping[str, tuple[str, ...]]:
    """Which scans look for each red line."""
    return {line: tuple(scan.value for scan in Scan if any(_is(b, line, scan) for b in BANS)) for line in RED_LINES}


def report(exhibits: Exhibits) -> Mapping[str, object]:
    """The proof as a record that can be read without the product: what was looked for, in what, what was found."""
    return {
        "red_lines": dict(RED_LINES),
        "scans_by_line": coverage(),
        "looked_for": [
            {"line": ban.line, "scan": ban.scan.value, "pattern": ban.pattern.pattern, "reason": ban.reason}
            | ({"within": ban.within.pattern} if ban.within else {})
            for ban in BANS
        ],
        "looked_through": {
            "packages": sorted(exhibits.dependencies),
            "source_files": len(exhibits.sources),
            "tables": sorted(exhibits.schema),
            "triggers": len(exhibits.triggers),
            "models_and_analytics": sorted(exhibits.models),
        },
        "found": [asdict(finding) for finding in absence(exhibits)],
    }


def _is(ban: Ban, line: str, scan: Scan) -> bool:
    return (ban.line, ban.scan) == (line, scan)


def _banned(scan: Scan, where: str, names: tuple[str, ...] | list[str]) -> Iterator[Finding]:
    for ban in BANS:
        if ban.scan is not scan or (ban.within and not ban.within.search(where)):
            continue
        yield from (Finding(ban.line, scan.value, where, n, ban.reason) for n in names if ban.pattern.search(n))


def _source(path: str, text: str) -> Iterator[Finding]:
    """A Python file by its tree, anything else by its text. One that cannot be read is a finding: it hides itself."""
    if not path.endswith(".py"):
        yield from _banned(Scan.TEXT, path, [line for line in text.splitlines() if not line.lstrip().startswith("--")])
        return
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        yield Finding("R10", Scan.TEXT.value, path, "not readable", "what cannot be read may hide anything")
        return
    known = _aliases(tree)
    yield from _banned(Scan.IMPORT, path, sorted(_imports(tree)))
    yield from _banned(Scan.USE, path, sorted({_dotted(node, known) for node in ast.walk(tree)} - {""}))
    names = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    yield from _banned(Scan.NAME, path, [node.name for node in ast.walk(tree) if isinstance(node, names)])
    told = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    yield from _banned(Scan.TEXT, path, told)


def _imports(tree: ast.Module) -> set[str]:
    """``module`` and ``module.name`` of everything imported, at any depth, also by a call that names it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call) and _dotted(node.func, {}).split(".")[-1] in _BY_NAME:
            found |= {str(a.value) for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return found


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Local name -> what it stands for."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return known


def _dotted(node: ast.AST, known: Mapping[str, str]) -> str:
    if isinstance(node, ast.Name):
        return known.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, known)
        return f"{before}.{node.attr}" if before else ""
    return ""


def _model(name: str, words: tuple[str, ...]) -> Iterator[Finding]:
    for word in identity_words(words):
        ban = next(ban for ban in BANS if ban.scan is Scan.MODEL and ban.pattern.search(word))
        yield Finding(ban.line, ban.scan.value, name, word, ban.reason)
    if MASK_ONLY not in words:
        reason = "heads are found only to mask them, by a model that says so"
        yield from (Finding("R1", Scan.MODEL.value, name, word, reason) for word in names_heads(words))


def _triggers(exhibits: Exhibits) -> Iterator[Finding]:
    """Tables of the ledger that nothing guards."""
    for ban in (ban for ban in BANS if ban.scan is Scan.TRIGGER):
        for table in (table for table in exhibits.schema if ban.pattern.search(table)):
            for verb in ("UPDATE", "DELETE"):
                told = f"BEFORE {verb} ON {table}"
                if not any(told in t and "raise(ABORT" in t for t in exhibits.triggers):
                    yield Finding(ban.line, ban.scan.value, table, f"no trigger {told}", ban.reason)
