"""One picture of a camera that is being added, with everybody in it hidden."""

__all__ = ["Eyes"]

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vitrail.domain.detections import Label
from vitrail.domain.frames import Picture
from vitrail.guard.masking import MASK_FLOOR, Mask, apply
from vitrail.guard.sights import with_hair
from vitrail.ports.detector import Detector
from vitrail.ports.heads import HeadFinder

_WIDTH_PX = 960


@dataclass(frozen=True, slots=True)
class Eyes:
    """What a picture goes through before it is shown."""

    detector: Detector
    heads: HeadFinder
    still: Callable[[Picture, int], bytes]

    def masked(self, picture: Picture) -> bytes:
        people = self.detector.detect([picture], MASK_FLOOR)[0].of(Label.PERSON).boxes
        hidden = np.concatenate([people, with_hair(self.heads.find([picture])[0])])
        return self.still(apply(picture, Mask.of(hidden), secrets.randbits(64)), _WIDTH_PX)
