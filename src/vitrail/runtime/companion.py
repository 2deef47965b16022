"""A process of ours beside this one, started again when it ends."""

__all__ = ["Companion"]

import subprocess
import threading
from collections.abc import Sequence

import structlog

from vitrail.runtime.supervisor import backoff_s

_LOOK_S = 0.5
_PATIENCE_S = 10.0
_log = structlog.get_logger("vitrail.companion")


class Companion:
    """Use as a context manager: asked to end (SIGTERM) on leaving. When this process dies instead, it lives on."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self._command = list(command)
        self._stop = threading.Event()
        self._problem = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name=f"companion-{name}", daemon=True)

    @property
    def problem(self) -> str:
        """Why it does not run, if it does not."""
        return self._problem

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    def __enter__(self) -> "Companion":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(_PATIENCE_S * 2)

    def _keep(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, start_new_session=True)
            except OSError as error:
                self._problem = f"{self.name} cannot be started: {error.strerror}"
            else:
                self._problem = ""
                while self._process.poll() is None and not self._stop.wait(_LOOK_S):
                    pass
                if not self._stop.is_set():
                    self._problem = f"{self.name} ended by itself (exit code {self._process.returncode})"
            if self._problem:
                _log.error("companion stopped", companion=self.name, problem=self._problem)
                self._stop.wait(backoff_s(failures))
                failures += 1
        self._end()

    def _end(self) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_PATIENCE_S)
