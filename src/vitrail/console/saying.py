"""What errors say, in another language. An error is made far from any screen, with its words filled in already ("camera
north is not recorded"): the form they were filled into is found again here, and its translation filled in with them."""

__all__ = ["Forms"]

import re
from collections.abc import Mapping

HOLE = "{}"


class Forms:
    """Translations of what errors say: ``{}`` stands for what is filled in, in the same order in both languages."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self._whole = {said: other for said, other in messages.items() if HOLE not in said}
        forms = sorted((said for said in messages if HOLE in said), key=_words_in, reverse=True)
        self._forms = [(_pattern(said), messages[said]) for said in forms]

    def translated(self, text: str) -> str | None:
        """None when no such thing is known to be said. Of several forms that fit, the one with most words of its own;
        what was filled in is translated too where it is itself something said."""
        if text in self._whole:
            return self._whole[text]
        for pattern, other in self._forms:
            found = pattern.fullmatch(text)
            if found:
                return other.format(*(self.translated(part) or part for part in found.groups()))
        return None


def _words_in(said: str) -> int:
    return len(said.replace(HOLE, ""))


def _pattern(said: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(part) for part in said.split(HOLE)), re.DOTALL)
