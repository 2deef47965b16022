"""Signed CloudEvents (1.0, structured JSON) by POST, signed as Standard Webhooks says.

An event keeps its id however often it is handed over, and the standard tells receivers to take one id in once: so
handing over again is safe, and nobody has to be asked first.
"""

__all__ = ["WebhookCarrier"]

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from vitrail.adapters.outbound import NoAnswer, NotSent, ask
from vitrail.domain.events import Side
from vitrail.domain.notices import Delivery, Fate, Notice, Receipt, Status
from vitrail.domain.recipients import Recipient
from vitrail.domain.time import SECOND_US, iso
from vitrail.domain.upkeep import spot
from vitrail.ports.clock import Clock

_TYPE = "vitrail.repair.requested"
_LATER = frozenset({408, 425, 429})


class WebhookCarrier:
    def __init__(self, site_id: str, clock: Clock) -> None:
        self._site_id = site_id
        self._clock = clock

    def deliver(self, recipient: Recipient, notice: Notice, jpegs: Mapping[Side, bytes]) -> Delivery:
        body = json.dumps(self._event(notice, jpegs), ensure_ascii=False).encode()
        sent_s = str(self._clock.now_us() // SECOND_US)
        headers = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "webhook-id": notice.id,
            "webhook-timestamp": sent_s,
            "webhook-signature": _signature(recipient.key, notice.id, sent_s, body),
        }
        try:
            answer = ask("POST", recipient.address, inside=recipient.inside, body=body, headers=headers)
        except (NotSent, NoAnswer) as error:
            return Delivery(Fate.UNSENT, problem=str(error))
        if 200 <= answer.status < 300 or answer.status == 409:
            return Delivery(Fate.TAKEN, Receipt(notice.id))
        fate = Fate.UNSENT if answer.status in _LATER or answer.status >= 500 else Fate.REFUSED
        return Delivery(fate, problem=f"they answered {answer.status}")

    def known(self, recipient: Recipient, notice: Notice) -> Receipt | None:
        return None

    def status(self, recipient: Recipient, notice: Notice) -> Status | None:
        return None

    def _event(self, notice: Notice, jpegs: Mapping[Side, bytes]) -> dict[str, object]:
        pictures = {side.value: base64.b64encode(jpeg).decode() for side, jpeg in jpegs.items()}
        return {
            "specversion": "1.0",
            "id": notice.id,
            "source": f"urn:vitrail:{self._site_id}",
            "type": _TYPE,
            "subject": spot(notice.place),
            "time": iso(notice.created_us),
            "datacontenttype": "application/json",
            "data": {**notice.ticket.georeport(), **({"pictures_jpeg": pictures} if pictures else {})},
        }


def _signature(key: str, event_id: str, sent_s: str, body: bytes) -> str:
    """``v1,`` and HMAC-SHA256 over ``id.timestamp.body``; a key that begins with ``whsec_`` is base64."""
    secret = base64.b64decode(key.removeprefix("whsec_")) if key.startswith("whsec_") else key.encode()
    digest = hmac.new(secret, f"{event_id}.{sent_s}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
