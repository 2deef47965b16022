"""What a person confirmed becomes a request; nothing else does, and the ledger says that it went out."""

from pathlib import Path

import pytest

from tests import builders as b
from tests.guard.front import Front
from vitrail.domain.errors import Refused
from vitrail.domain.events import AlertState, Measure, Place
from vitrail.domain.ledger import Operation
from vitrail.domain.people import Use
from vitrail.domain.streams import Asset, MapPosition, Surface
from vitrail.domain.tickets import ticket_of

CAMERA = b.camera(
    position=MapPosition(48.5, 2.25),
    surfaces=(Surface("wall", "North wall", b.square(0.1, 0.1, 0.5, 0.5)),),
    assets=(Asset("bench", "Bench by the door", "bench", b.square(0.6, 0.6, 0.8, 0.8)),),
)
PAINTED = {
    "kind": "graffiti",
    "place": Place("gate", surface_id="wall"),
    "measures": (Measure("hours it has stood", 3.0, 2.0, "h"), Measure("tag", 2.5, 0.0, "%")),
}


def test_a_confirmed_mark_becomes_a_georeport_request() -> None:
    ticket = ticket_of(b.alert(state=AlertState.CONFIRMED, **PAINTED), CAMERA)
    assert ticket is not None
    said = ticket.georeport()
    assert said["service_code"] == "graffiti" and said["description"] == "new paint on North wall (tag)"
    assert (said["lat"], said["long"]) == ("48.500000", "2.250000")
    assert said["attribute[reference]"] == "alert-1" and said["requested_datetime"].endswith("Z")
    assert said["address_string"] == f"North wall, {CAMERA.name}"


@pytest.mark.parametrize("state", [AlertState.OPEN, AlertState.DISMISSED, AlertState.EXPIRED])
def test_what_nobody_confirmed_is_no_request(state: AlertState) -> None:
    assert ticket_of(b.alert(state=state, **PAINTED), CAMERA) is None


def test_other_kinds_are_no_request() -> None:
    assert ticket_of(b.alert(state=AlertState.CONFIRMED), CAMERA) is None


def test_without_a_place_on_the_map_none_is_made_up() -> None:
    ticket = ticket_of(b.alert(state=AlertState.CONFIRMED, **PAINTED), b.camera(surfaces=CAMERA.surfaces))
    assert ticket is not None and "lat" not in ticket.georeport()


def test_a_desk_hands_out_requests_and_the_ledger_says_so(tmp_path: Path) -> None:
    front = Front(tmp_path)
    front.another_alert(state=AlertState.CONFIRMED, **PAINTED)
    front.another_alert(state=AlertState.OPEN, **PAINTED)
    desk = front.desk()
    size = front.world.ledger.size
    (ticket,) = desk.tickets()
    assert ticket.service_code == "graffiti"
    assert front.since(size)[0].operation is Operation.COMMUNICATE


def test_an_auditor_gets_none(tmp_path: Path) -> None:
    front = Front(tmp_path)
    with pytest.raises(Refused):
        front.desk("auditor", Use.ACCOUNT).tickets()
