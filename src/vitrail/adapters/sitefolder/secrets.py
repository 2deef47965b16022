"""Users and passwords of cameras that were added in the browser: in a file of their own below the state folder, for its
owner alone. What the environment holds under the same name comes first."""

__all__ = ["STATE_FOLDER", "keep_secrets", "kept_secrets"]

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from vitrail.domain.errors import Corrupt, Unavailable

STATE_FOLDER = ".vitrail"
"""Below the site folder: database, recordings, keys, secrets. Never in git."""

_NAME = "camera-secrets.json"


def kept_secrets(folder: Path) -> dict[str, str]:
    """By the name that addresses use. Raises ``Corrupt`` or ``Unavailable``; never tells a value."""
    path = folder / STATE_FOLDER / _NAME
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise Unavailable(f"the cameras' passwords cannot be read: {error.strerror}", where=str(path)) from error
    except ValueError:
        raise _unreadable(path) from None
    if not isinstance(held, dict) or not all(isinstance(value, str) for value in held.values()):
        raise _unreadable(path)
    return held


def keep_secrets(folder: Path, more: Mapping[str, str]) -> None:
    """Beside those that are kept already; whole or not at all. Raises ``Corrupt`` or ``Unavailable``."""
    if not more:
        return
    text = json.dumps(kept_secrets(folder) | dict(more), ensure_ascii=False, indent=0, sort_keys=True)
    path = folder / STATE_FOLDER / _NAME
    fresh = ""
    try:
        path.parent.mkdir(exist_ok=True)
        handle, fresh = tempfile.mkstemp(prefix=f".{_NAME}.", dir=path.parent)  # readable by its owner alone
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(fresh).replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(fresh).unlink() if fresh else None
        remedy = "the account that runs vitrail must be able to write into the site folder"
        what = f"the camera's password cannot be kept: {error.strerror}"
        raise Unavailable(what, where=f"{STATE_FOLDER}/{_NAME}", remedy=remedy) from error


def _unreadable(path: Path) -> Corrupt:
    return Corrupt(
        "the cameras' passwords cannot be read", where=str(path), remedy="remove it, and set the environment"
    )
