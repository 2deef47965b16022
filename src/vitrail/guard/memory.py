"""What is known of declared walls and furniture, kept over a restart.

It may be kept because nobody is in it: measures and medians of cells that were seen over hours with people left out,
and only where enough windows agree (``analytics/pasts.py``). It is kept like a picture all the same: only where the
mandate lets the camera be recorded and never in statistics mode (L16), under the mandate it was learnt under and no
other, for no longer than that mandate's retention after it was last written (L15), and the eraser takes it.
"""

__all__ = ["Arrays", "PlaceMemory", "sweep_memory"]

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from vitrail.domain.errors import NotFound
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.mandates import Mode, Permit
from vitrail.domain.streams import Camera
from vitrail.guard.ledger import Ledger
from vitrail.guard.upkeep import MACHINE
from vitrail.ports.clock import Clock
from vitrail.ports.memory import Kept, MemoryRecords
from vitrail.ports.pictures import PictureArchive

Arrays = Mapping[str, npt.NDArray[np.generic]]
_LARGEST_BYTES = 64 << 20
_MASKS = "masks"
"""Under this name: what dwelling masks were drawn when it was learnt. Where they changed, the place looks other."""


class PlaceMemory:
    def __init__(self, records: MemoryRecords, archive: PictureArchive, ledger: Ledger, clock: Clock) -> None:
        self._records = records
        self._archive = archive
        self._ledger = ledger
        self._clock = clock

    def keep(self, permit: Permit, camera: Camera, arrays: Arrays) -> bool:
        """Whether it was kept. Raises ``Unavailable`` when the disk is full."""
        if not permit.may_picture or permit.mode is Mode.STATISTICS:
            return False
        blob, now_us = _packed({**arrays, _MASKS: _masks(camera)}), self._clock.now_us()
        if len(blob) > _LARGEST_BYTES:
            return False
        self._archive.keep(_name(permit.stream_id), blob)
        digest = hashlib.sha256(blob).hexdigest()
        self._records.put(permit, Kept(digest, len(blob), now_us, now_us + permit.retention_us))
        return True

    def recall(self, permit: Permit, camera: Camera) -> Arrays:
        """Nothing where none is kept, or it is not the file that was kept, or the masks were drawn anew."""
        kept = self._records.get(permit, self._clock.now_us())
        if kept is None or not permit.may_picture or permit.mode is Mode.STATISTICS:
            return {}
        found = self._read(permit, kept)
        if found is None or not np.array_equal(found.pop(_MASKS, np.zeros(0)), _masks(camera)):
            return {}
        self._ledger.note(
            Operation.CONSULT,
            Outcome.DONE,
            MACHINE,
            f"memory:{permit.stream_id}",
            "what is known of walls and furniture is taken up again after a restart",
            permit.mandate_id,
            detail=f"written at {kept.kept_us} us, {kept.size_bytes} bytes",
        )
        return found

    def _read(self, permit: Permit, kept: Kept) -> dict[str, npt.NDArray[np.generic]] | None:
        try:
            blob = self._archive.read(_name(permit.stream_id))
        except NotFound:
            return None
        if hashlib.sha256(blob).hexdigest() != kept.sha256:
            return None
        try:
            with np.load(io.BytesIO(blob), allow_pickle=False) as found:
                return {name: np.asarray(found[name]) for name in found.files}
        except (ValueError, OSError, zipfile.BadZipFile):
            return None


def sweep_memory(archive: PictureArchive, records: MemoryRecords, now_us: int) -> int:
    """What is past its time goes, rows and files; how many files. Part of every sweep of the eraser."""
    records.erase(now_us)
    return archive.erase_all_but(frozenset(_name(stream_id) for stream_id in records.files()))


def _packed(arrays: Arrays) -> bytes:
    """As ``np.load`` reads it, whatever the arrays are called: ``np.savez`` takes some names for its own."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as part:
                np.lib.format.write_array(part, np.asarray(array), allow_pickle=False)
    return packed.getvalue()


def _masks(camera: Camera) -> npt.NDArray[np.float64]:
    corners = [corner for polygon in camera.dwellings.polygons for corner in polygon.corners]
    return np.array(corners, np.float64).reshape(-1, 2)


def _name(stream_id: str) -> str:
    """Ids of streams hold a dot, which names of files may not begin with."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", stream_id) + f"-{hashlib.sha256(stream_id.encode()).hexdigest()[:8]}"
