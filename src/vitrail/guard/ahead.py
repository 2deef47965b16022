"""Work that is done ahead of whoever needs it: while one frame is written, the next ones are decoded and masked."""

__all__ = ["ahead"]

import contextlib
import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

Made = TypeVar("Made")
_LOOK_S = 0.2
"""How often a full queue looks whether anybody still takes from it."""


def ahead(making: Iterator[Made], many: int) -> Generator[Made, None, None]:
    """The same things in the same order, made in a thread of their own, at most ``many`` that nobody has taken yet.
    Its errors are raised here. When this generator is closed, so is ``making``, in its thread, before this returns."""
    waiting: queue.Queue[tuple[Made] | BaseException | None] = queue.Queue(many)
    over = threading.Event()

    def put(made: tuple[Made] | BaseException | None) -> None:
        while not over.is_set():
            with contextlib.suppress(queue.Full):
                waiting.put(made, timeout=_LOOK_S)
                return

    def make() -> None:
        end: BaseException | None = None
        try:
            for made in making:
                put((made,))
                if over.is_set():
                    break
        except BaseException as error:
            end = error
        finally:
            if isinstance(making, Generator):
                making.close()
        put(end)

    thread = threading.Thread(target=make, name="ahead", daemon=True)
    thread.start()
    try:
        while isinstance(made := waiting.get(), tuple):
            yield made[0]
        if made is not None:
            raise made
    finally:
        over.set()
        thread.join()
