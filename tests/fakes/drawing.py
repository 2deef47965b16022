"""A site's file that holds no drawing and takes any."""

__all__ = ["BlankPaper"]

from vitrail.domain.drawing import Candidate, Drawing, Sheet
from vitrail.domain.errors import Conflict

_BASE = "0" * 64


class BlankPaper:
    def __init__(self) -> None:
        self.written: list[Drawing] = []

    def sheet(self, camera_id: str) -> Sheet:
        drawing = next((d for d in self.written[::-1] if d.camera_id == camera_id), Drawing(camera_id))
        return Sheet(drawing, self._base(), bool(self.written))

    def candidate(self, drawing: Drawing, base: str) -> Candidate:
        if base != self._base():
            raise Conflict("site.yaml was changed meanwhile")
        changes = "" if drawing == self.sheet(drawing.camera_id).drawing else "+ drawn"
        return Candidate(changes, (), None)

    def write(self, drawing: Drawing, base: str) -> str:
        self.candidate(drawing, base)
        self.written.append(drawing)
        return self._base()

    def _base(self) -> str:
        return f"{len(self.written):064x}"
