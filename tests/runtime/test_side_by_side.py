"""Work side by side: who comes after an error knows of it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from vitrail.runtime import side_by_side as module
from vitrail.runtime.side_by_side import side_by_side


def test_the_next_work_of_a_thread_knows_that_the_one_before_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, second = threading.Event(), threading.Event()
    told: list[bool] = []
    patient: Callable[..., Any] = module.wait

    def late(*given: Any) -> Any:
        second.wait(30)  # whoever consumes hears of the error only afterwards
        return patient(*given)

    def do(work: int) -> None:
        if work == 1:
            raise ValueError("the first")
        told.append(stop.is_set())
        second.set()

    monkeypatch.setattr(module, "wait", late)
    with pytest.raises(ValueError, match="the first"):
        list(side_by_side([1, 2], do, 1, stop))
    assert told == [True]
