"""Figures about the product itself: how often it was right, said with its doubt."""

__all__ = ["ENOUGH", "Precision", "precision"]

import math
from dataclasses import dataclass

ENOUGH = 5
"""Fewer verdicts than this say nothing: the bounds stay empty and screens say "not enough"."""
_Z95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Precision:
    """Past verdicts on one kind of alert of one camera. ``low`` and ``high`` are the Wilson 95 % interval of the
    share that was confirmed; None when there are fewer than ``ENOUGH`` verdicts."""

    confirmed: int
    dismissed: int
    low: float | None
    high: float | None


def precision(confirmed: int, dismissed: int) -> Precision:
    """Wilson score interval (E. B. Wilson, JASA 22, 1927)."""
    n = confirmed + dismissed
    if n < ENOUGH:
        return Precision(confirmed, dismissed, None, None)
    share = confirmed / n
    spread = _Z95 * math.sqrt(share * (1 - share) / n + _Z95**2 / (4 * n * n))
    middle = share + _Z95**2 / (2 * n)
    scale = 1 + _Z95**2 / n
    return Precision(confirmed, dismissed, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))
