"""Python's cycle collector, told what this program is like."""

__all__ = ["settle_heap"]

import gc

_THRESHOLDS = (20_000, 50, 50)
"""Packets of sixty cameras come and go by the thousand and hold no cycles; at the default of 700 the collector took a
third of a core to find that out."""


def settle_heap() -> None:
    """Call once everything is loaded, before the streams start: what is there now is never looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
