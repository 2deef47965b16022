from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.desk import Console


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path)
    yield made
    made.close()
