"""Requests handed to a real server process: what it gets, and what is made of its answers."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.adapters.repairs.conftest import Served
from tests.fakes.clock import FakeClock
from vitrail.adapters.repairs import Open311Carrier, WebhookCarrier
from vitrail.domain.errors import Unavailable
from vitrail.domain.events import Side
from vitrail.domain.notices import Fate, Receipt

JPEGS = {Side.BEFORE: b"\xff\xd8before", Side.AFTER: b"\xff\xd8after"}


def test_a_request_is_what_the_standard_asks_for(city: Served, notice: Any) -> None:
    delivery = Open311Carrier().deliver(city.recipient, notice, {})
    assert (delivery.fate, delivery.receipt) == (Fate.TAKEN, Receipt("#1", "", "thank you"))
    (came,) = city.lines("came")
    assert came["path"] == "/v2/requests.json"
    assert came["headers"]["content-type"] == "application/x-www-form-urlencoded"
    said = came["form"]
    assert (said["api_key"], said["jurisdiction_id"], said["service_code"]) == ("secret-key", "city.example", "311")
    assert said["description"] == "damage to The bench (Vitrail alert-1.city)"
    assert said["attribute[reference]"] == "alert-1" and said["address_string"] == "The gate"


def test_the_picture_after_goes_along_as_a_part(city: Served, notice: Any) -> None:
    assert Open311Carrier().deliver(city.recipient, notice, JPEGS).fate is Fate.TAKEN
    (came,) = city.lines("came")
    assert came["headers"]["content-type"].startswith("multipart/form-data")
    assert bytes.fromhex(came["form"]["media"]) == JPEGS[Side.AFTER]
    assert came["form"]["service_code"] == "311"


@pytest.mark.parametrize(
    ("mode", "fate", "said"),
    [
        ("refusing", Fate.REFUSED, "400: no such service_code"),
        ("elsewhere", Fate.REFUSED, "307"),
        ("busy", Fate.UNSENT, "429: too many"),
        ("broken", Fate.UNCLEAR, "500: it hurts"),
        ("silent", Fate.UNCLEAR, "no answer came"),
        ("deaf", Fate.UNCLEAR, "no answer came"),
    ],
)
def test_each_answer_is_taken_for_what_it_is(city: Served, notice: Any, mode: str, fate: Fate, said: str) -> None:
    city.mode(mode)
    delivery = Open311Carrier().deliver(city.recipient, notice, {})
    assert delivery.fate is fate and delivery.problem.startswith(said)
    assert "secret-key" not in delivery.problem


def test_nobody_there_is_no_delivery(city: Served, notice: Any) -> None:
    nowhere = replace(city.recipient, address="http://127.0.0.1:9/v2")
    assert Open311Carrier().deliver(nowhere, notice, {}).fate is Fate.UNSENT
    with pytest.raises(Unavailable):
        Open311Carrier().known(nowhere, notice)


def test_whether_they_have_it_is_asked_and_told(city: Served, notice: Any) -> None:
    carrier = Open311Carrier()
    assert carrier.known(city.recipient, notice) is None
    city.mode("silent")
    carrier.deliver(city.recipient, notice, {})
    city.mode("good")
    assert carrier.known(city.recipient, notice) == Receipt("#1", "", "open")
    assert carrier.known(city.recipient, replace(notice, id="alert-10.city")) is None
    city.mode("unlisted")
    with pytest.raises(Unavailable):
        carrier.known(city.recipient, notice)


def test_a_voucher_becomes_a_number_and_closing_is_heard(city: Served, notice: Any) -> None:
    city.mode("token")
    carrier = Open311Carrier()
    receipt = carrier.deliver(city.recipient, notice, {}).receipt
    assert (receipt.number, receipt.voucher) == ("", "abc")
    status = carrier.status(city.recipient, replace(notice, voucher="abc"))
    assert status is not None and (status.closed, status.number, status.answer) == (False, "#1", "open: new slats")
    city.mode("closed")
    status = carrier.status(city.recipient, replace(notice, number="#1"))
    assert status is not None and status.closed


def test_a_webhook_gets_one_signed_event(city: Served, notice: Any) -> None:
    carrier = WebhookCarrier("yard", FakeClock())
    assert carrier.deliver(city.hook, notice, JPEGS).receipt.number == "alert-1.city"
    (came,) = city.lines("came")
    event, headers = json.loads(came["body"]), came["headers"]
    assert (event["specversion"], event["id"], event["source"]) == ("1.0", "alert-1.city", "urn:vitrail:yard")
    assert (event["type"], event["subject"]) == ("vitrail.repair.requested", "asset:gate/bench")
    assert event["data"]["description"] == "damage to The bench"
    assert base64.b64decode(event["data"]["pictures_jpeg"]["before"]) == JPEGS[Side.BEFORE]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{came['body']}".encode()
    digest = hmac.new(b"secret-key", signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert headers["content-type"].startswith("application/cloudevents+json")


@pytest.mark.parametrize(
    ("mode", "fate"),
    [("silent", Fate.UNSENT), ("broken", Fate.UNSENT), ("busy", Fate.UNSENT), ("refusing", Fate.REFUSED)],
)
def test_a_webhook_may_be_called_again_because_its_event_keeps_its_id(
    city: Served, notice: Any, mode: str, fate: Fate
) -> None:
    city.mode(mode)
    carrier = WebhookCarrier("yard", FakeClock())
    assert carrier.deliver(city.hook, notice, {}).fate is fate
    assert carrier.known(city.hook, notice) is None and carrier.status(city.hook, notice) is None
