"""Photographs that somebody searches with: what may be one, and what is left of it once people are painted over.

An upload is data of a stranger: its kind and size are read from its first bytes before anything decodes it, so that
neither a page in disguise nor a picture that unpacks into gigabytes gets further.
"""

__all__ = ["PHOTO_FLOOR", "Photo", "cleared_photo", "decoded", "people_in"]

import struct
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from vitrail.domain.clearing import WHOLE, Cleared
from vitrail.domain.detections import THINGS, VEHICLES, Detections, Label
from vitrail.domain.errors import Invalid
from vitrail.domain.frames import Picture, Region
from vitrail.domain.geometry import Boxes, grow
from vitrail.guard.refusal import refuse
from vitrail.guard.sights import with_hair

PHOTO_FLOOR = 0.12
"""Beside somebody, whoever may be a person, however unsure: a photograph is looked at once, and slowly."""
_LIKELY = 0.25
"""Where nobody is sure: figures in paint are taken for people, but hardly ever for sure, and are what is searched."""
_SURE = 0.35
_LARGEST_BYTES = 20 << 20
_LARGEST_PX = 40_000_000
_SMALLEST_SIDE, _LONGEST_SIDE = 24, 1920
_LEAST_LEFT = 0.25
_MOST_THINGS = 4
_MARGIN = 0.06
_SHOWN_WIDTH = 960
_KINDS = "a JPEG, PNG or WebP photograph"
_JPEG, _PNG, _RIFF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """``shown``: JPEG of the whole with everybody painted over; ``parts``: it as a place and as a thing, and the things
    in it, to search with."""

    shown: bytes
    parts: tuple[Cleared, ...]


def decoded(upload: bytes) -> Picture:
    """Raises ``Invalid``."""
    if not upload:
        raise _no_photo("the file is empty")
    if len(upload) > _LARGEST_BYTES:
        raise _no_photo(f"the file has {len(upload) >> 20} MB", f"at most {_LARGEST_BYTES >> 20} MB")
    width, height = _size(upload)
    if width * height > _LARGEST_PX:
        what = f"the picture has {width} x {height} pixels"
        raise _no_photo(what, f"at most {_LARGEST_PX // 1_000_000} million")
    if min(width, height) < _SMALLEST_SIDE:
        raise _no_photo(f"the picture has {width} x {height} pixels", f"at least {_SMALLEST_SIDE} each way")
    if upload.startswith(_JPEG) and b"\xff\xd9" not in upload[-2048:]:
        raise _no_photo("the file is cut off")
    try:
        image = cv2.imdecode(np.frombuffer(upload, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise _no_photo("the file is damaged") from error
    if image is None:
        raise _no_photo("the file is damaged")
    return _picture(np.asarray(image, np.uint8))


def people_in(found: Detections, heads: Boxes) -> Boxes:
    """Whom to paint over, of what was seen at ``PHOTO_FLOOR``; every head in any case."""
    people = found.of(Label.PERSON)
    floor = PHOTO_FLOOR if people.scores.max(initial=0.0) >= _SURE else _LIKELY
    return np.concatenate([people.where(people.scores >= floor).boxes, with_hair(heads)])


def cleared_photo(picture: Picture, people: Boxes, found: Detections, still: Callable[[Picture, int], bytes]) -> Photo:
    """Raises ``Refused`` (L21) when people take nearly all of it."""
    whole = Cleared.of(picture, people, WHOLE, _LEAST_LEFT, found)
    if whole is None:
        raise refuse(
            "L21",
            "nothing but people is left in this photograph",
            "photo",
            "give a picture of the vehicle, the bag, the mark or the place",
        )
    things = found.of(*VEHICLES, *THINGS)
    things = things.where(things.scores >= _SURE)
    plain = Cleared.of(picture, people, WHOLE, _LEAST_LEFT)
    parts = [whole, *([plain] if plain is not None else [])]
    for box in grow(things.boxes[np.argsort(-things.scores, kind="stable")[:_MOST_THINGS]], _MARGIN):
        left, top, right, bottom = (float(side) for side in box)
        part = Cleared.of(picture, people, Region(left, top, right, bottom))
        parts += [part] if part is not None else []
    return Photo(still(whole.picture, min(_SHOWN_WIDTH, whole.picture.width)), tuple(parts))


def _size(upload: bytes) -> tuple[int, int]:
    """Width and height, from the header alone."""
    try:
        if upload.startswith(_PNG) and upload[12:16] == b"IHDR":
            width, height = struct.unpack(">II", upload[16:24])
            return width, height
        if upload.startswith(_RIFF) and upload[8:12] == b"WEBP":
            return _webp_size(upload)
        if upload.startswith(_JPEG):
            return _jpeg_size(upload)
    except (struct.error, IndexError) as error:
        raise _no_photo("the file is cut off") from error
    raise _no_photo("the file is no photograph")


def _jpeg_size(upload: bytes) -> tuple[int, int]:
    at = 2
    while at < len(upload):
        if upload[at] != 0xFF:
            break
        marker = upload[at + 1]
        if marker == 0xFF or marker in _BARE_MARKERS:
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack(">H", upload[at + 2 : at + 4])
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", upload[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise _no_photo("the file is damaged")


def _webp_size(upload: bytes) -> tuple[int, int]:
    kind = upload[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(upload[24:27], "little"), 1 + int.from_bytes(upload[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(upload[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", upload[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _picture(image: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> Picture:
    """No larger than is of use; even sides, as the planes ask."""
    scale = min(1.0, _LONGEST_SIDE / max(image.shape[:2]))
    height, width = (max(2, round(length * scale / 2) * 2) for length in image.shape[:2])
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    planes = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2YUV_I420), np.uint8).reshape(-1)
    luma, chroma, half = width * height, width * height // 4, (height // 2, width // 2)
    u, v = planes[luma : luma + chroma].reshape(half), planes[luma + chroma :].reshape(half)
    return Picture(planes[:luma].reshape(height, width), u, v)


def _no_photo(what: str, rule: str = "") -> Invalid:
    return Invalid(what, where="photo", rule=rule, remedy=f"give {_KINDS}")
