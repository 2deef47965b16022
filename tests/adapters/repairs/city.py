"""A city's request server, as a process of its own: Open311 GeoReport v2 and a webhook, kept in files of one folder.

``mode`` (a file) says how it behaves now: ``good``, ``token``, ``silent`` (takes in, hangs up), ``deaf`` (hangs up),
``broken`` (takes in, 500), ``closed``, ``busy`` (429), ``refusing`` (400), ``unlisted`` (500 for its list),
``elsewhere`` (redirects).
Every request that came is a JSON line of ``came``; what it took in is ``taken``.
"""

import json
import sys
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()


def taken() -> list[dict[str, str]]:
    path = FOLDER / "taken"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def form(kind: str, body: bytes) -> dict[str, str]:
    if kind.startswith("multipart/"):
        parts = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body).get_payload()
        found = {}
        for part in parts:
            name, value = str(part.get_param("name", header="content-disposition")), part.get_payload(decode=True)  # type: ignore[union-attr]
            found[name] = value.hex() if name == "media" else value.decode()  # type: ignore[union-attr]
        return found
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


class City(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        mode = (FOLDER / "mode").read_text()
        kind = self.headers.get("Content-Type", "")
        hook = self.path.endswith("/hook")
        came = {"path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}}
        came |= {"body": body.decode()} if hook else {"form": form(kind, body)}
        with (FOLDER / "came").open("a") as file:
            file.write(json.dumps(came) + "\n")
        if mode == "deaf":
            self.connection.close()
            return
        if mode == "elsewhere":
            self._say(307, [], {"Location": self.path + "?again"})
            return
        if mode == "busy":
            self._say(429, [{"code": 429, "description": "too many"}])
            return
        if mode == "refusing":
            self._say(400, [{"code": 400, "description": "no such service_code"}])
            return
        if not hook:
            number = f"#{len(taken()) + 1}"
            with (FOLDER / "taken").open("a") as file:
                file.write(json.dumps({**came["form"], "service_request_id": number}) + "\n")  # type: ignore[dict-item]
        if mode == "silent":
            self.connection.close()
        elif mode == "broken":
            self._say(500, [{"code": 500, "description": "it hurts"}])
        elif hook:
            self._say(202, [])
        elif mode == "token":
            self._say(201, [{"token": "abc", "service_notice": "looked at within a day"}])
        else:
            self._say(201, [{"service_request_id": f"#{len(taken())}", "service_notice": "thank you"}])

    def do_GET(self) -> None:
        mode = (FOLDER / "mode").read_text()
        path = urlsplit(self.path)
        if path.path.startswith("/v2/tokens/"):
            self._say(200, [{"token": "abc", "service_request_id": "#1"}])
        elif path.path == "/v2/requests.json":
            asked = parse_qs(path.query)["service_code"][0]
            listed = [row for row in taken() if row["service_code"] == asked]
            self._say(500 if mode == "unlisted" else 200, [{**row, "status": "open"} for row in listed])
        else:
            row = {"service_request_id": "#1", "status": "closed" if mode == "closed" else "open"}
            self._say(200, [{**row, "status_notes": "new slats"}])

    def _say(self, status: int, rows: list[dict[str, object]], headers: dict[str, str] | None = None) -> None:
        body = json.dumps(rows).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), City)
    print(server.server_address[1], flush=True)
    server.serve_forever()
