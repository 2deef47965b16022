"""A camera that speaks ONVIF, as a process of its own: WS-Discovery over UDP and its services over HTTP, on loopback.

``python camera.py PORT UDP_PORT MODE USER PASSWORD``. MODE: ``wss`` (user token), ``digest`` (HTTP digest alone),
``liar`` (its addresses lead elsewhere), ``bomb`` (answers with entities), ``page`` (answers HTML), ``blind`` (no media
service). Its clock is an hour ahead, and tokens of another time are refused. Prints ``ready`` once it listens.
"""

import base64
import hashlib
import re
import socket
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, UDP_PORT, MODE, USER, PASSWORD = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:6]
ELSEWHERE = "192.0.2.66"
HOST = ELSEWHERE if MODE == "liar" else "127.0.0.1"
AHEAD = timedelta(hours=1)
NONCE = "0123456789abcdef"
ENVELOPE = (
    '<?xml version="1.0"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema"><SOAP-ENV:Body>{}</SOAP-ENV:Body></SOAP-ENV:Envelope>'
)
STRANGER = (
    "<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender</SOAP-ENV:Value><SOAP-ENV:Subcode>"
    "<SOAP-ENV:Value>ter:NotAuthorized</SOAP-ENV:Value></SOAP-ENV:Subcode></SOAP-ENV:Code>"
    "<SOAP-ENV:Reason><SOAP-ENV:Text>Sender not Authorized</SOAP-ENV:Text></SOAP-ENV:Reason></SOAP-ENV:Fault>"
)
BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "{}"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'


def answer(body: str) -> str:
    if "GetSystemDateAndTime" in body:
        now = datetime.now(UTC) + AHEAD
        when = "".join(f"<tt:{n}>{getattr(now, n.lower())}</tt:{n}>" for n in ("Hour", "Minute", "Second"))
        day = "".join(f"<tt:{n}>{getattr(now, n.lower())}</tt:{n}>" for n in ("Year", "Month", "Day"))
        utc = f"<tt:UTCDateTime><tt:Time>{when}</tt:Time><tt:Date>{day}</tt:Date></tt:UTCDateTime>"
        inside = f"<tds:SystemDateAndTime>{utc}</tds:SystemDateAndTime>"
        return f"<tds:GetSystemDateAndTimeResponse>{inside}</tds:GetSystemDateAndTimeResponse>"
    if "GetCapabilities" in body:
        media = f"<tt:Media><tt:XAddr>http://{HOST}:{PORT}/onvif/media</tt:XAddr></tt:Media>"
        inside = "" if MODE == "blind" else media
        return (
            f"<tds:GetCapabilitiesResponse><tds:Capabilities>{inside}</tds:Capabilities></tds:GetCapabilitiesResponse>"
        )
    if "GetProfiles" in body:
        rows = "".join(
            f'<trt:Profiles token="{token}"><tt:Name>{token} stream</tt:Name><tt:VideoEncoderConfiguration>'
            f"<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height>"
            "</tt:Resolution></tt:VideoEncoderConfiguration></trt:Profiles>"
            for token, width, height in (("main", 1920, 1080), ("sub", 640, 360))
        )
        return f"<trt:GetProfilesResponse>{rows}</trt:GetProfilesResponse>"
    token = re.search(r"ProfileToken>(\w+)<", body)
    assert token
    uri = f"rtsp://spy:secret@{HOST}:8554/{token[1]}?p=1&amp;q=2"
    return f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{uri}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>"


def known(body: str) -> bool:
    """The digest of the token is recomputed, and its moment must be within a minute of this camera's clock."""
    found = [
        re.search(pattern, body)
        for pattern in (
            r"Username>([^<]*)<",
            r"Password [^>]*>([^<]*)<",
            r"Nonce [^>]*>([^<]*)<",
            r"Created[^>]*>([^<]*)<",
        )
    ]
    if not all(found):
        return False
    user, digest, nonce, created = (one[1] for one in found if one)
    at = datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    right = hashlib.sha1(base64.b64decode(nonce) + created.encode() + PASSWORD.encode()).digest()
    near = abs(at - datetime.now(UTC) - AHEAD) < timedelta(minutes=1)
    return user == USER and base64.b64decode(digest) == right and near


def proven(given: str, path: str) -> bool:
    told = dict(re.findall(r'(\w+)="?([^",]*)"?', given))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    mine, theirs = md5(f"{USER}:cam:{PASSWORD}"), md5(f"POST:{path}")
    wanted = md5(f"{mine}:{NONCE}:{told.get('nc')}:{told.get('cnonce')}:auth:{theirs}")
    return told.get("username") == USER and told.get("nonce") == NONCE and told.get("response") == wanted


class Services(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if MODE == "page":
            self.say(200, "<html>hello")
        elif MODE == "bomb":
            self.say(200, BOMB.format("x" * 1000))
        elif "GetSystemDateAndTime" in body:
            self.say(200, ENVELOPE.format(answer(body)))
        elif MODE == "digest" and not proven(self.headers.get("Authorization", ""), self.path):
            self.say(401, "", f'Digest realm="cam", nonce="{NONCE}", qop="auth"')
        elif MODE != "digest" and not known(body):
            self.say(400, ENVELOPE.format(STRANGER))
        else:
            self.say(200, ENVELOPE.format(answer(body)))

    def say(self, status: int, text: str, challenge: str = "") -> None:
        data = text.encode()
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Type", "application/soap+xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing is said: the parent reads ``ready`` alone."""


def discovered(line: socket.socket) -> None:
    while True:
        probe, sender = line.recvfrom(65_535)
        if b"Probe" not in probe or b"NetworkVideoTransmitter" not in probe:
            continue
        line.sendto(b"this is no XML", sender)
        line.sendto(BOMB.format("x").encode(), sender)
        match = (
            "<d:ProbeMatches xmlns:d='http://schemas.xmlsoap.org/ws/2005/04/discovery'><d:ProbeMatch>"
            "<d:Scopes>onvif://www.onvif.org/name/Quay%20East onvif://www.onvif.org/hardware/C-1</d:Scopes>"
            f"<d:XAddrs>http://{ELSEWHERE}/onvif http://{HOST}:{PORT}/onvif/device_service</d:XAddrs>"
            "</d:ProbeMatch></d:ProbeMatches>"
        )
        for _ in range(2):  # cameras answer once for each network card of who asks
            line.sendto(ENVELOPE.format(match).encode(), sender)


def main() -> None:
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", UDP_PORT))
    threading.Thread(target=discovered, args=(line,), daemon=True).start()
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Services)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
