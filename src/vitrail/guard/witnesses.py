"""Signed heads go to witnesses as soon as they are made; who cannot be reached gets them later (law.md L14)."""

__all__ = ["Witnesses"]

from collections.abc import Callable, Sequence

from vitrail.domain.errors import Unavailable
from vitrail.guard.proofs import head_line
from vitrail.ports.records import LedgerRecords

Tell = Callable[[str, str], None]


class Witnesses:
    """One chore calls ``sweep``. Told once each, oldest first, since this process began; a head that was told twice is
    no harm."""

    def __init__(self, names: Sequence[str], records: LedgerRecords, tell: Tell) -> None:
        self._told = dict.fromkeys(names, 0)
        self._records = records
        self._tell = tell

    def sweep(self) -> int:
        """How many heads were handed over. Raises ``Unavailable`` after everybody was tried, naming who is away."""
        heads = sorted(self._records.checkpoints(), key=lambda c: (c.size, c.at_us)) if self._told else []
        told, away = 0, []
        for name, size in self._told.items():
            for head in [head for head in heads if head.size > size]:
                try:
                    self._tell(name, head_line(head))
                except Unavailable as error:
                    away.append(error)
                    break
                self._told[name] = head.size
                told += 1
        if away:
            raise away[0]
        return told
