"""Finds the labelled clips, sounds and pictures that lie beside the repository; says so aloud when they do not."""

import os
from pathlib import Path

import pytest

_ROOT = Path(os.environ.get("VITRAIL_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def shared(path: str) -> Path:
    """``data/...`` below the shared folder; skips the test when it is not there."""
    found = _ROOT / path
    if not found.exists():
        pytest.skip(f"shared data absent: {path} (set VITRAIL_SHARED to its folder)")
    return found
