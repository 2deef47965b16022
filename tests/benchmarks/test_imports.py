"""A benchmark that takes from another what is no longer there is found without being run for minutes."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "benchmarks"
FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_benchmark_takes_from_its_neighbours_is_there(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (module := neighbour(path, node.module or "")):
            missing = (
                {alias.name for alias in node.names} - named(module) - {one.stem for one in module.parent.glob("*")}
            )
            assert not missing, f"line {node.lineno}: {node.module} has no {', '.join(sorted(missing))}"


def neighbour(path: Path, name: str) -> Path | None:
    """The module as a benchmark finds it: beside itself, in ``behaviour``, or in ``benchmarks``."""
    for folder in (path.parent, ROOT, ROOT / "behaviour"):
        base = folder / name.replace(".", "/")
        found = [one for one in (base.with_suffix(".py"), base / "__init__.py") if one.is_file()]
        if name and found:
            return found[0]
    return None


def named(module: Path) -> set[str]:
    found = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name) for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
    return found
