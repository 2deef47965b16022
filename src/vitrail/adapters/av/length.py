"""How long a recording is, from its header alone: nothing is decoded."""

__all__ = ["length_us"]

from pathlib import Path

import av

from vitrail.adapters.av.opening import open_file, video_of
from vitrail.domain.time import SECOND_US


def length_us(path: Path) -> int:
    """0 when the header does not say. Raises ``NotFound``, ``Invalid`` or ``Unavailable``."""
    with open_file(path, path.name) as container:
        video = video_of(container, path.name)
        if video.duration is not None and video.time_base is not None:
            return round(video.duration * video.time_base * SECOND_US)
        return round((container.duration or 0) * SECOND_US / av.time_base)
