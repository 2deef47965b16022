"""Chores that return: erase what is due, expire alerts, sign a checkpoint. A chore that fails is told, never hidden."""

__all__ = ["Chore", "Housekeeper"]

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from vitrail.domain.errors import VitrailError
from vitrail.runtime.bus import Bus

_log = structlog.get_logger("vitrail.housekeeper")


@dataclass(frozen=True, slots=True)
class Chore:
    name: str
    every_s: float
    work: Callable[[], object]


class Housekeeper:
    """One thread a chore. ``problems`` names the chores whose last run failed, with the error."""

    def __init__(self, chores: Sequence[Chore], bus: Bus) -> None:
        self._bus = bus
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._problems: dict[str, str] = {}
        self._threads = [
            threading.Thread(target=self._keep, args=(chore,), name=f"chore-{chore.name}", daemon=True)
            for chore in chores
        ]

    @property
    def problems(self) -> dict[str, str]:
        with self._lock:
            return dict(self._problems)

    def __enter__(self) -> "Housekeeper":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(10)

    def _keep(self, chore: Chore) -> None:
        while not self._stop.is_set():
            self._do(chore)
            self._stop.wait(chore.every_s)

    def _do(self, chore: Chore) -> None:
        try:
            chore.work()
        except Exception as error:
            known = isinstance(error, VitrailError)
            _log.error("chore failed", chore=chore.name, problem=str(error), exc_info=not known)
            self._put(chore.name, str(error) if known else f"internal error: {type(error).__name__}")
        else:
            self._put(chore.name, "")

    def _put(self, name: str, problem: str) -> None:
        with self._lock:
            before = self._problems.pop(name, "")
            if problem:
                self._problems[name] = problem
        if before != problem:
            self._bus.publish("health", f"chore:{name}")
