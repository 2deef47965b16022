"""One page for each command of `vitrail`, from the commands themselves."""

__all__ = ["pages"]

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from vitrail.cli.app import app
from vitrail.cli.exits import EXIT_CODES, FOUND

_NOTE = "<!-- Made by `make docs` from the command itself; change it there. -->\n"


def pages() -> dict[str, str]:
    commands = list(_commands(typer.main.get_command(app), ()))
    made = {f"commands/{'-'.join(path)}.md": _page(path, command) for path, command in commands}
    made["commands/index.md"] = _index(commands)
    return made


def _commands(group: Any, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Leaf commands in the order of `--help`."""
    for name, command in group.commands.items():
        path = (*above, name)
        if hasattr(command, "commands"):
            yield from _commands(command, path)
        else:
            yield path, command


def _page(path: tuple[str, ...], command: Any) -> str:
    context = command.make_context(" ".join(("vitrail", *path)), [], resilient_parsing=True)
    usage = " ".join(piece for parameter in command.params for piece in parameter.get_usage_pieces(context))
    lines = [_NOTE, f"# vitrail {' '.join(path)}", "", inspect.cleandoc(command.help or ""), ""]
    lines += ["```", f"vitrail {' '.join(path)} [OPTIONS] {usage}".rstrip(), "```", ""]
    for heading, kind in (("Arguments", "argument"), ("Options", "option")):
        records = [p.get_help_record(context) for p in command.params if p.param_type_name == kind]
        rows = [record for record in records if record and record[0] != "--help"]
        if rows:
            lines += [f"## {heading}", "", f"| {kind} | meaning |", "|---|---|"]
            lines += [f"| `{name.strip()}` | {_cell(meaning)} |" for name, meaning in rows]
            lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _index(commands: list[tuple[tuple[str, ...], Any]]) -> str:
    lines = [_NOTE, "# Commands", "", "| command | what it does |", "|---|---|"]
    for path, command in commands:
        first = inspect.cleandoc(command.help or "").split("\n\n")[0]
        lines.append(f"| [`vitrail {' '.join(path)}`]({'-'.join(path)}.md) | {_cell(first)} |")
    lines += ["", "## Exit codes", "", "| code | meaning |", "|---|---|", "| 0 | all is well |"]
    lines += [f"| {FOUND} | `check`, `mandate check` or `ledger verify` found something |", "| 2 | wrong usage |"]
    for kind, code in EXIT_CODES.items():
        meaning = _cell((kind.__doc__ or "").split(";")[0].rstrip("."))
        lines.append(f"| {code} | {kind.kind.replace('_', ' ')}: {meaning} |")
    lines.append("| 130 | stopped by Ctrl-C |")
    return "\n".join(lines) + "\n"
