"""Cuts a text into the pieces of a BERT vocabulary (WordPiece: longest known piece first), lower case, no accents."""

__all__ = ["WordPiece"]

import re
import unicodedata
from collections.abc import Sequence

_WORDS = re.compile(r"\w+|[^\w\s]")
_LONGEST_WORD = 60
_MOST_PIECES = 254


class WordPiece:
    """``words`` in the vocabulary's order."""

    def __init__(self, words: Sequence[str]) -> None:
        self._numbers = {word: number for number, word in enumerate(words)}
        self._begin, self._end, self._unknown = (self._numbers[name] for name in ("[CLS]", "[SEP]", "[UNK]"))

    def cut(self, text: str) -> list[int]:
        """Numbers of the pieces, with the marks for beginning and end; what is too long is left out at the end."""
        plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
        pieces: list[int] = []
        for match in _WORDS.finditer(plain):
            if len(pieces) >= _MOST_PIECES:
                break
            pieces += self._word(match[0])
        return [self._begin, *pieces[:_MOST_PIECES], self._end]

    def _word(self, word: str) -> list[int]:
        pieces: list[int] = []
        start = 0
        while start < len(word) and len(word) <= _LONGEST_WORD:
            end = len(word)
            while end > start and self._piece(word, start, end) is None:
                end -= 1
            if end == start:
                return [self._unknown]
            pieces.append(self._numbers[("##" if start else "") + word[start:end]])
            start = end
        return pieces or [self._unknown]

    def _piece(self, word: str, start: int, end: int) -> int | None:
        return self._numbers.get(("##" if start else "") + word[start:end])
