"""What a whole place looks like at a moment, as a network sees it; people were painted over before."""

__all__ = ["PlaceLook"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class PlaceLook:
    """``embedding`` (1280,) of all of it. ``cells`` (n, 120): what the network makes, half way, of each cell of a grid
    over the picture; ``parts`` (m, 208): later, of a coarser grid. Kept no longer than an analytic looks at it."""

    embedding: npt.NDArray[np.float32]
    cells: npt.NDArray[np.float32]
    parts: npt.NDArray[np.float32]
