"""Several pieces of work at once, where the machine can: the guard says what is to be done, not in how many threads."""

__all__ = ["Beside", "one_by_one"]

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Beside(Protocol):
    def __call__(self, works: Sequence[Callable[[], Result]]) -> list[Result]:
        """All of them; their results in order. Raises the first error, once whatever runs has ended; what has not begun
        by then is left."""
        ...


def one_by_one(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """A ``Beside`` that does one after the other."""
    return [work() for work in works]
