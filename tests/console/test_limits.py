"""Requests that are too many or too large are turned away before anything is read of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from tests.console.desk import Console
from tests.console.test_doors import routes
from vitrail.console.limits import BODY_BYTES, UPLOADS, Limits


class Clock:
    def __init__(self) -> None:
        self.at_s = 0.0

    def __call__(self) -> float:
        return self.at_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[TestClient]:
    app = FastAPI()

    @app.post("/")
    async def length(request: Request) -> dict[str, Any]:
        return {"bytes": len(await request.body())}

    app.add_middleware(Limits, now_s=clock)
    with TestClient(app) as made:
        yield made


def _many(client: TestClient, count: int, **cookies: str) -> list[int]:
    headers = {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    return [client.post("/", headers=headers).status_code for _ in range(count)]


def test_a_burst_is_served_and_what_goes_on_is_slowed_down(client: TestClient, clock: Clock) -> None:
    assert set(_many(client, 400)) == {200}
    assert _many(client, 1) == [429]
    clock.at_s = 0.1
    assert _many(client, 6) == [200] * 5 + [429]


def test_one_session_does_not_slow_another(client: TestClient) -> None:
    assert 429 in _many(client, 401, vitrail_session="mine")
    assert _many(client, 1, vitrail_session="yours") == [200]


def test_whoever_is_turned_away_is_told_when_to_come_again(client: TestClient) -> None:
    _many(client, 400)
    answer = client.post("/")
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["error"]["remedy"] == "wait a moment"


@pytest.mark.parametrize("length", [BODY_BYTES + 1, 10**12])
def test_a_body_that_says_it_is_too_large_is_not_read(client: TestClient, length: int) -> None:
    answer = client.post("/", content=b"x", headers={"content-length": str(length)})
    assert answer.status_code == 413


def test_a_body_that_says_nothing_is_cut_at_the_limit(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(2 * BODY_BYTES // 1024):
            yield b"x" * 1024

    assert client.post("/", content=endless()).status_code == 413


def test_a_body_of_the_whole_limit_is_taken(client: TestClient) -> None:
    assert client.post("/", content=b"x" * BODY_BYTES).json() == {"bytes": BODY_BYTES}


def test_paths_that_take_more_are_paths_that_exist(console: Console) -> None:
    assert set(UPLOADS) <= {path for _, path in routes(console)}


def test_the_console_has_these_limits(console: Console) -> None:
    answer = console.browser(None).post("/sign-in", content=b"x" * (BODY_BYTES + 1))
    assert answer.status_code == 413
    assert answer.headers["x-content-type-options"] == "nosniff"
