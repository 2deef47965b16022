"""Cuts a text into the pieces of a byte-pair vocabulary as joint picture-text models use it (Sennrich et al. 2016;
bytes as Radford et al. 2019 write them): ``vocab.json`` and ``merges.txt``."""

__all__ = ["BytePairs"]

import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise

_WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:[^\s\w]|_)+")
_ENDS = "</w>"
_MOST_CHARACTERS = 2_000


class BytePairs:
    """``numbers`` of the pieces; ``merges``: pairs in the order in which they are joined. ``begin`` and ``end``: the
    pieces that stand around each text."""

    def __init__(
        self, numbers: Mapping[str, int], merges: Sequence[tuple[str, str]], begin: str, end: str, length: int
    ) -> None:
        self._numbers = numbers
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}
        self._begin, self._end = numbers[begin], numbers[end]
        self._length = length
        self._bytes = _byte_letters()

    def cut(self, text: str) -> list[int]:
        """At most ``length`` numbers; what is too long is left out at the end."""
        plain = unicodedata.normalize("NFC", " ".join(text.lower().split()))[:_MOST_CHARACTERS]
        pieces: list[int] = []
        for match in _WORDS.finditer(plain):
            if len(pieces) >= self._length:
                break
            letters = [self._bytes[byte] for byte in match[0].encode()]
            pieces += (self._numbers[part] for part in self._joined(letters) if part in self._numbers)
        return [self._begin, *pieces[: self._length - 2], self._end]

    def _joined(self, letters: list[str]) -> list[str]:
        word = [*letters[:-1], letters[-1] + _ENDS]
        while len(word) > 1:
            ranks = [self._ranks.get(pair, len(self._ranks)) for pair in pairwise(word)]
            best = min(range(len(ranks)), key=ranks.__getitem__)
            if ranks[best] == len(self._ranks):
                break
            word[best : best + 2] = [word[best] + word[best + 1]]
        return word


def _byte_letters() -> dict[int, str]:
    """A visible letter for each byte: itself where it has one, else one beyond the first 256."""
    plain = {*range(33, 127), *range(161, 173), *range(174, 256)}
    rest = iter(range(256, 512))
    return {byte: chr(byte if byte in plain else next(rest)) for byte in range(256)}
