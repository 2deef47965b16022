"""A window of looks is put in order cell by cell; what a network of exchanges makes is what sorting makes."""

import numpy as np
import pytest

from vitrail.analytics.pasts import _ordered


@pytest.mark.parametrize("count", range(1, 34))
def test_a_network_of_exchanges_puts_any_number_of_looks_in_order(count: int) -> None:
    looks = np.random.default_rng(count).normal(size=(count, 5, 7, 3)).astype(np.float32)
    looks[count // 2, :, :3] = np.inf
    assert np.array_equal(_ordered(list(looks.copy())), np.sort(looks, axis=0))
