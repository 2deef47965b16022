"""Which descriptions are refused: 200 of people, 200 of things, places and events, in English and French.

    python benchmarks/search/refusals.py [--list]

The lists were written before the rules. The odd lines are those the rules were written with, the even ones held out.
``--list`` names what went wrong among the first half only, so that the second stays unseen.
"""

import argparse
import json
import sys
from pathlib import Path

from vitrail.guard.asking import person_words

HERE = Path(__file__).parent


def lines(name: str) -> list[tuple[str, str]]:
    rows = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [(row[:2], row[3:].strip()) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    figures: dict[str, object] = {}
    for half, first in (("written_with", 0), ("held_out", 1)):
        people, things = lines("people.txt")[first::2], lines("things.txt")[first::2]
        for language in ("en", "fr"):
            refused = [bool(person_words(text)) for own, text in people if own == language]
            passed = [not person_words(text) for own, text in things if own == language]
            figures[f"{half}_{language}"] = {
                "people_refused": f"{sum(refused)}/{len(refused)}",
                "things_passed": f"{sum(passed)}/{len(passed)}",
            }
        if given.list and half == "written_with":
            wrong = [text for _, text in people if not person_words(text)]
            wrong += [text for _, text in things if person_words(text)]
            sys.stdout.writelines(f"{text}\n" for text in wrong)
    print(json.dumps(figures, sort_keys=True))


if __name__ == "__main__":
    main()
