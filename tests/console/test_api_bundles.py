"""Bundles for programs: the page's rules, in JSON."""

from typing import Any

from fastapi.testclient import TestClient

from tests.builders import NOW_US
from tests.console.desk import Console
from tests.console.test_cases import done, opened
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.time import SECOND_US, iso


def asked(**changed: Any) -> dict[str, Any]:
    parts = [{"camera": "gate", "begin": iso(NOW_US - 20 * SECOND_US), "end": iso(NOW_US)}]
    return {"parts": parts, "recipient": "Public prosecutor", "reason": "the hearing"} | changed


def post(console: Console, client: TestClient, path: str, body: object = None) -> Any:
    return client.post(path, json=body, headers={"x-csrf-token": console.csrf(client)})


def programs(console: Console, client: TestClient) -> str:
    return f"/api/v1{opened(console, client)}/bundles"


def test_a_program_asks_for_a_bundle_follows_it_and_fetches_it(console: Console) -> None:
    ines = console.browser("investigator")
    path = programs(console, ines)
    told = post(console, ines, path, asked()).json()
    assert (told["allowed"], told["made"], told["sha256"]) == (True, None, "")
    own = f"{path}/{told['id']}"
    assert ines.get(f"{own}/file").status_code == 404
    assert post(console, ines, f"{own}/make").json()["state"] in ("waiting", "running", "done")
    assert done(ines, f"{own}/work") == {"state": "done", "progress": 1.0, "error": None}
    taken = ines.get(f"{own}/file")
    after = ines.get(own).json()
    assert taken.content[:2] == b"PK" and after["size_bytes"] == len(taken.content) and len(after["sha256"]) == 64
    assert ines.get(path).json() == [after]
    deeds = [(e.operation, e.outcome) for e in console.world.entries() if told["id"] in e.target]
    assert (Operation.CHANGE, Outcome.DONE) in deeds and (Operation.COMMUNICATE, Outcome.DONE) in deeds


def test_originals_wait_for_a_second_person(console: Console) -> None:
    ines, olga = console.browser("investigator"), console.browser("officer")
    path = programs(console, ines)
    told = post(console, ines, path, asked(originals=True)).json()
    own = f"{path}/{told['id']}"
    assert told["allowed"] is False
    post(console, ines, f"{own}/make")
    failed = done(ines, f"{own}/work")
    assert failed["state"] == "failed" and failed["error"]["rule"] == "L24"
    word = {"granted": True, "reason": "the court asks"}
    assert post(console, ines, f"{own}/answer", word).status_code == 403
    answered = post(console, olga, f"{own}/answer", word).json()
    assert (answered["answered_by"], answered["allowed"]) == ("officer", True)
    post(console, ines, f"{own}/make")
    assert done(ines, f"{own}/work")["state"] == "done"
    assert olga.get(f"{own}/file").status_code in (403, 404)


def test_who_does_not_work_in_the_case_learns_nothing_of_its_bundles(console: Console) -> None:
    ines = console.browser("investigator")
    path = programs(console, ines)
    own = f"{path}/{post(console, ines, path, asked()).json()['id']}"
    other = console.browser("operator")
    for answer in (other.get(path), other.get(own), other.get(f"{own}/work"), other.get(f"{own}/file")):
        assert answer.status_code in (403, 404)
    for way in ("make", "answer"):
        assert post(console, other, f"{own}/{way}", {"granted": True, "reason": "let me"}).status_code in (403, 404)
    assert post(console, other, path, asked()).status_code in (403, 404)


def test_a_bundle_of_another_case_is_not_found_in_this_one(console: Console) -> None:
    ines, olga = console.browser("investigator"), console.browser("officer")
    one, two = programs(console, ines), programs(console, ines)
    bundle = post(console, ines, one, asked(originals=True)).json()["id"]
    assert ines.get(f"{two}/{bundle}").status_code == 404
    assert post(console, olga, f"{two}/{bundle}/answer", {"granted": True, "reason": "yes"}).status_code == 404
    assert post(console, ines, f"{two}/{bundle}/make").status_code == 404
    assert ines.get(f"{one}/{bundle}").json()["answered"] is None


def test_what_cannot_be_asked_is_told_with_its_place(console: Console) -> None:
    ines = console.browser("investigator")
    path = programs(console, ines)
    late = [{"camera": "gate", "begin": iso(NOW_US), "end": iso(NOW_US - SECOND_US)}]
    wordy = [{"camera": "gate", "begin": "yesterday", "end": iso(NOW_US)}]
    far = [{"camera": "yard", "begin": iso(NOW_US - SECOND_US), "end": iso(NOW_US)}]
    for parts, where in ((late, "parts.0.end"), (wordy, "parts.0.begin"), (far, "parts")):
        answer = post(console, ines, path, asked(parts=parts))
        assert answer.status_code == 422 and answer.json()["error"]["where"] == where
    assert ines.get(path).json() == []
