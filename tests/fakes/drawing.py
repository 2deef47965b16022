"""A site's file that holds no drawing and takes any."""

__all__ = ["BlankPaper"]

from vitrail.domain.drawing import Candidate, Drawing, Sheet
from vitrail.domain.errors import Conflict
from vitrail.domain.joining import Joined, NewCamera

_BASE = "0" * 64


class BlankPaper:
    def __init__(self) -> None:
        self.written: list[Drawing] = []
        self.cameras: dict[str, NewCamera] = {}

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

    def joined(self, camera: NewCamera, reviewed_by: str, reviewed_on: str) -> Joined:
        if camera.id in self.cameras:
            raise Conflict("this id is taken")
        return Joined(self._base(), f"+ {camera.id}", (), None)

    def join(self, camera: NewCamera, reviewed_by: str, reviewed_on: str, base: str) -> str:
        if self.joined(camera, reviewed_by, reviewed_on).base != base:
            raise Conflict("site.yaml was changed meanwhile")
        self.cameras[camera.id] = camera
        return self._base()

    def _base(self) -> str:
        return f"{len(self.written) + len(self.cameras):064x}"
