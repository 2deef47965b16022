"""Open311 GeoReport v2: ``POST requests.json``, and what became of a request.

The standard knows no key by which a server recognises a request that it has already, so each carries its alert's number
in its description: after a delivery that no answer came to, the server is asked for its requests of that service since
then, and only when none has that number is it handed over again.
"""

__all__ = ["Open311Carrier"]

import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from vitrail.adapters.outbound import Answer, NoAnswer, NotSent, ask
from vitrail.domain.errors import Unavailable
from vitrail.domain.events import Side
from vitrail.domain.notices import Delivery, Fate, Notice, Receipt, Status
from vitrail.domain.recipients import Recipient
from vitrail.domain.time import HOUR_US, iso

_LATER = frozenset({408, 425, 429, 503})
_LONGEST = 200
_MARK = "Vitrail"


class Open311Carrier:
    def deliver(self, recipient: Recipient, notice: Notice, jpegs: Mapping[Side, bytes]) -> Delivery:
        fields = {**notice.ticket.georeport(), **_jurisdiction(recipient), "api_key": recipient.key}
        fields["description"] += f" ({_mark(notice)})"
        kind, body = _form(fields, jpegs.get(Side.AFTER))
        try:
            there, headers = _at(recipient, "requests.json"), {"Content-Type": kind}
            answer = ask("POST", there, inside=recipient.inside, body=body, headers=headers)
        except NotSent as error:
            return Delivery(Fate.UNSENT, problem=str(error))
        except NoAnswer as error:
            return Delivery(Fate.UNCLEAR, problem=f"no answer came: {error}")
        return _delivery(answer)

    def known(self, recipient: Recipient, notice: Notice) -> Receipt | None:
        since = iso(notice.created_us - HOUR_US)
        asked = {"service_code": notice.ticket.service_code, "start_date": since, **_jurisdiction(recipient)}
        for row in _rows(_got(recipient, f"requests.json?{urlencode(asked)}")):
            if _mark(notice) in str(row.get("description", "")):
                return Receipt(_text(row, "service_request_id"), "", _text(row, "status"))
        return None

    def status(self, recipient: Recipient, notice: Notice) -> Status | None:
        number = notice.number or self._number(recipient, notice)
        if not number:
            return Status(False)
        asked = urlencode(_jurisdiction(recipient))
        rows = _rows(_got(recipient, f"requests/{quote(number, safe='')}.json?{asked}"))
        if not rows:
            raise Unavailable("they know nothing of this request any more", where=recipient.id)
        said = ": ".join(filter(None, (_text(rows[0], "status"), _text(rows[0], "status_notes"))))
        return Status(_text(rows[0], "status").lower() == "closed", number, said[:_LONGEST])

    def _number(self, recipient: Recipient, notice: Notice) -> str:
        """What the voucher became by now, if anything."""
        asked = urlencode(_jurisdiction(recipient))
        rows = _rows(_got(recipient, f"tokens/{quote(notice.voucher, safe='')}.json?{asked}"))
        return _text(rows[0], "service_request_id") if rows else ""


def _mark(notice: Notice) -> str:
    return f"{_MARK} {notice.id}"


def _jurisdiction(recipient: Recipient) -> dict[str, str]:
    return {"jurisdiction_id": recipient.jurisdiction} if recipient.jurisdiction else {}


def _at(recipient: Recipient, path: str) -> str:
    return f"{recipient.address.rstrip('/')}/{path}"


def _delivery(answer: Answer) -> Delivery:
    if answer.status in _LATER:
        return Delivery(Fate.UNSENT, problem=_problem(answer))
    if answer.status >= 500:
        return Delivery(Fate.UNCLEAR, problem=_problem(answer))
    if not 200 <= answer.status < 300:
        return Delivery(Fate.REFUSED, problem=_problem(answer))
    try:
        row = _rows(answer.body)[0]
    except (ValueError, IndexError):
        return Delivery(Fate.UNCLEAR, problem="their answer cannot be read")
    receipt = Receipt(_text(row, "service_request_id"), _text(row, "token"), _text(row, "service_notice")[:_LONGEST])
    if not (receipt.number or receipt.voucher):
        return Delivery(Fate.UNCLEAR, problem="their answer names no request")
    return Delivery(Fate.TAKEN, receipt)


def _got(recipient: Recipient, path: str) -> bytes:
    try:
        answer = ask("GET", _at(recipient, path), inside=recipient.inside)
    except (NotSent, NoAnswer) as error:
        raise Unavailable(str(error), where=recipient.id) from error
    if not 200 <= answer.status < 300:
        raise Unavailable(_problem(answer), where=recipient.id)
    try:
        _rows(answer.body)
    except ValueError as error:
        raise Unavailable("their answer cannot be read", where=recipient.id) from error
    return answer.body


def _rows(body: bytes) -> list[dict[str, Any]]:
    """Raises ``ValueError``."""
    found = json.loads(body)
    rows = found if isinstance(found, list) else [found]
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("no list of requests")
    return rows


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return "" if value is None else str(value)


def _problem(answer: Answer) -> str:
    """Their own words, where they sent any in the standard's form."""
    try:
        words = "; ".join(_text(row, "description") for row in _rows(answer.body))
    except ValueError:
        words = ""
    return f"{answer.status}: {words}"[:_LONGEST].rstrip(": ")


def _form(fields: Mapping[str, str], jpeg: bytes | None) -> tuple[str, bytes]:
    """Content type and body: a form, or with a picture several parts."""
    if jpeg is None:
        return "application/x-www-form-urlencoded", urlencode(fields).encode()
    edge = secrets.token_hex(16)
    head = f"--{edge}\r\nContent-Disposition: form-data; name="
    said = "".join(f'{head}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    last = f'{head}"media"; filename="after.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = f"{said}{last}".encode() + jpeg + f"\r\n--{edge}--\r\n".encode()
    return f"multipart/form-data; boundary={edge}", body
