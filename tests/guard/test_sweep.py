"""No way round the guard: read from the source of the whole product, so that a new way in fails here first."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import get_type_hints

import pytest

import vitrail
from vitrail.domain.mandates import Permit
from vitrail.domain.people import Grant
from vitrail.ports import archive, memory, records, sightings, source, upkeep

ROOT = Path(vitrail.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
RECORD_PORTS = [*(getattr(records, name) for name in records.__all__), sightings.SightingRecords]
RECORD_PORTS += [upkeep.UpkeepRecords, upkeep.NoticeRecords, memory.MemoryRecords]
HOUSEKEEPING = {
    "AlertRecords.expire": "retention: open alerts that nobody judged",
    "AlertRecords.erase": "retention",
    "SegmentRecords.unsealed": "mending after a crash",
    "SegmentRecords.mended": "mending after a crash",
    "SegmentRecords.due": "retention",
    "SegmentRecords.forget": "retention",
    "SegmentRecords.every": "fsck: rows against files",
    "ReadingRecords.erase": "retention",
    "SightingRecords.erase": "retention",
    "SightingRecords.kept": "retention: a number",
    "SightingRecords.reach": "the index: from which id to which",
    "SightingRecords.forms": "the index: codes of things, which only the guard asks",
    "AlertRecords.kept": "retention: a number",
    "SegmentRecords.kept": "retention: a number",
    "UpkeepRecords.closed": "the way out: what those who took a request in say of its place",
    "UpkeepRecords.about": "the way out: how the place of a request stands",
    "UpkeepRecords.erase": "retention",
    "NoticeRecords.due": "the way out: what is to be handed over",
    "NoticeRecords.change": "the way out: how far a delivery is",
    "NoticeRecords.troubled": "the way out: a number",
    "NoticeRecords.erase": "retention",
    "MemoryRecords.files": "retention",
    "MemoryRecords.erase": "retention",
    "ReadingRecords.kept": "retention: a number",
}
"""Methods on personal rows that take neither a grant nor a permit. They serve nobody's curiosity: no picture, no alert
and no number comes out of them to a person."""
WITHOUT_PERSONAL_ROWS = {"LedgerRecords", "KeyRecords", "AccountRecords"}
"""The ledger is read through a desk and written by the guard; accounts are about staff."""


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else path.stem


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in FILES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(module, name) of everything imported, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def built_in(tree: ast.Module, names: set[str]) -> list[str]:
    """Calls of these classes, also under another name."""
    known = set(names)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known |= {alias.asname for alias in node.names if alias.name in names and alias.asname}
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Name | ast.Attribute)
            and _last(node.value) in known
        ):
            known |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    found = [_last(call.func) for call in calls if _last(call.func) in known]
    for call in calls:
        if _last(call.func) in {"replace", "copy", "__new__", "__replace__"} and call.args:
            subject = ast.unparse(call.args[0]).lower()
            found += [subject] if any(subject.split(".")[-1] == name.lower() for name in names) else []
    return found


def _last(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def test_grants_and_permits_are_made_in_the_guard_and_nowhere_else() -> None:
    makers = {room(path) for path, tree in trees() if built_in(tree, {"Grant", "Permit"})}
    assert makers == {"guard"}


def test_in_the_guard_only_the_decisions_make_them() -> None:
    makers = {path.name for path, tree in trees() if built_in(tree, {"Grant", "Permit"})}
    assert makers == {"decide.py", "admit.py"}


@pytest.mark.parametrize(
    "text",
    [
        "Permit(1)",
        "mandates.Permit(1)",
        "from vitrail.domain.mandates import Permit as P\nP(1)",
        "Leave = Permit\nLeave(1)",
        "replace(permit, valid=1)",
        "dataclasses.replace(self.grant, scope=1)",
        "object.__new__(Grant)",
    ],
)
def test_the_scan_sees_through_other_names(text: str) -> None:
    assert built_in(ast.parse(text), {"Grant", "Permit"})


def test_stores_archive_and_film_are_named_only_where_the_plan_says() -> None:
    kept = {
        "vitrail.ports.records",
        "vitrail.ports.sightings",
        "vitrail.ports.upkeep",
        "vitrail.ports.memory",
        "vitrail.ports.carrier",
        "vitrail.ports.cases",
        "vitrail.ports.archive",
        "vitrail.ports.film",
    }
    users = {room(path) for path, tree in trees() for module, _ in imports(tree) if module in kept}
    assert users <= {"guard", "adapters", "compose", "ports"}


def test_only_the_composition_picks_adapters() -> None:
    users = {
        room(path) for path, tree in trees() for module, _ in imports(tree) if module.startswith("vitrail.adapters")
    }
    assert users <= {"adapters", "compose"}


def test_sources_are_opened_in_the_intake_and_nowhere_else() -> None:
    """L02: whoever wants frames asks the intake, and the intake asks for a permit."""
    users = {
        path.relative_to(ROOT).as_posix()
        for path, tree in trees()
        for module, name in imports(tree)
        if module == "vitrail.ports.source" and name == "SourceOpener"
    }
    assert {name for name in users if not name.startswith("adapters/")} == {"guard/intake.py"}


def test_cameras_that_no_site_declares_are_reached_in_one_place() -> None:
    """What is not declared has no permit: one file of the guard asks them, and decides who sees what."""
    users = {
        path.relative_to(ROOT).as_posix()
        for path, tree in trees()
        for module, _ in imports(tree)
        if module == "vitrail.ports.scout"
    }
    assert {name for name in users if not name.startswith("adapters/")} == {"guard/joining.py"}


def test_recorded_pictures_come_out_in_one_place() -> None:
    users = {path.name for path, tree in trees() for module, _ in imports(tree) if module == "vitrail.ports.film"}
    in_guard = {path.name for path in (ROOT / "guard").glob("*.py")}
    assert users & in_guard <= {"render.py", "projector.py", "reception.py"}


@pytest.mark.parametrize("port", RECORD_PORTS, ids=lambda port: port.__name__)
def test_every_store_method_takes_a_permit_or_a_grant_or_is_named_housekeeping(port: type) -> None:
    if port.__name__ in WITHOUT_PERSONAL_ROWS:
        return
    for name, method in inspect.getmembers(port, inspect.isfunction):
        if name.startswith("_"):
            continue
        takes = set(get_type_hints(method).values())
        if not takes & {Permit, Grant}:
            assert f"{port.__name__}.{name}" in HOUSEKEEPING, f"{port.__name__}.{name} is open to anybody"


def test_the_list_of_housekeeping_is_no_longer_than_needed() -> None:
    methods = {
        f"{port.__name__}.{name}": method
        for port in RECORD_PORTS
        for name, method in inspect.getmembers(port, inspect.isfunction)
    }
    for name in HOUSEKEEPING:
        assert name in methods, f"{name} is gone"
        assert not set(get_type_hints(methods[name]).values()) & {Permit, Grant}, f"{name} asks for its right now"


def test_ports_stay_small() -> None:
    for module in (records, sightings, archive, source, upkeep, memory):
        for name in module.__all__:
            methods = [m for m, f in vars(getattr(module, name)).items() if isinstance(f, FunctionType) and m[0] != "_"]
            assert len(methods) < 12, name


def test_opening_a_source_and_beginning_a_segment_need_a_permit() -> None:
    assert Permit in get_type_hints(source.SourceOpener.open).values()
    assert Permit in get_type_hints(archive.Archive.begin).values()


def test_no_way_round_is_configured() -> None:
    """No skip flag, no superuser bypass, no debug mode in the guard."""
    for path in (ROOT / "guard").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [module for module, _ in imports(tree) if module in {"os.environ", "logging", "dotenv"}], path.name
        text = path.read_text(encoding="utf-8").lower()
        for word in ("environ", "getenv", "skip_", "bypass=", "debug=", "superuser=", "no_mask", "unmasked="):
            assert word not in text, f"{path.name}: {word}"
