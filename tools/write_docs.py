"""Writes the pages that are made from the product itself: `make docs`. A test compares them with what stands in docs/.

One page a command from the commands, one an analytic from its manifest, the site folder from its shapes, the exit
codes from their table. Whatever can be said by the code is said there, once.
"""

__all__ = ["pages", "stale"]

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools import analytic_pages, command_pages, site_page  # noqa: E402 - the repository is on no path before

GENERATED = ("commands", "analytics", "schema")
"""Folders below docs/ that hold generated pages only: what is made no more is removed."""


def pages() -> Mapping[str, str]:
    """Every generated page: its path below docs/ and its text."""
    made = {**command_pages.pages(), **analytic_pages.pages(), **site_page.pages()}
    return dict(sorted(made.items()))


def stale(docs: Path = DOCS) -> Iterator[str]:
    """Paths of pages that are missing, differ, or are made no more."""
    made = pages()
    for path, text in made.items():
        if not (docs / path).is_file() or (docs / path).read_text(encoding="utf-8") != text:
            yield path
    for folder in GENERATED:
        for found in sorted((docs / folder).glob("*")):
            if f"{folder}/{found.name}" not in made:
                yield f"{folder}/{found.name}"


def main() -> None:
    made = pages()
    for path in list(stale()):
        if path in made:
            (DOCS / path).parent.mkdir(parents=True, exist_ok=True)
            (DOCS / path).write_text(made[path], encoding="utf-8", newline="\n")
            sys.stdout.write(f"wrote docs/{path}\n")
        else:
            (DOCS / path).unlink()
            sys.stdout.write(f"removed docs/{path}\n")


if __name__ == "__main__":
    main()
