"""A network with one camera on it, which wants a user and a password."""

__all__ = ["ADDRESS", "LOGIN", "FakeScout"]

from tests.fakes.media import pictures
from vitrail.domain.errors import Unavailable
from vitrail.domain.joining import FoundDevice, Login, OfferedStream, Reached

ADDRESS = "rtsp://10.0.0.5:554/main"
LOGIN = Login("viewer", "p@ss/word")


class FakeScout:
    """``asked`` tells whether each trial wanted a picture."""

    def __init__(self) -> None:
        self.asked: list[bool] = []

    def find(self) -> list[FoundDevice]:
        return [FoundDevice("http://10.0.0.5/onvif/device_service", "10.0.0.5", "Quay", "C-1")]

    def offered(self, device: str, login: Login) -> list[OfferedStream]:
        self._known(login)
        return [OfferedStream("main", ADDRESS, "H264", 1920, 1080), OfferedStream("sub", "rtsp://10.0.0.5/sub")]

    def reach(self, address: str, login: Login, picture: bool) -> Reached:
        self._known(login)
        self.asked.append(picture)
        return Reached("h264", 320, 240, 10.0, pictures(1)[0] if picture else None)

    def _known(self, login: Login) -> None:
        if login != LOGIN:
            raise Unavailable("10.0.0.5 refuses the user or password", where="10.0.0.5")
