"""Ids that people type."""

import secrets
from collections.abc import Iterator

import pytest

from vitrail.guard.fresh import fresh_id


def test_no_id_begins_like_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    made: Iterator[str] = iter(["-abc", "--x", "a-bc"])
    monkeypatch.setattr(secrets, "token_urlsafe", lambda _: next(made))
    assert fresh_id() == "a-bc"
