"""Adding a camera on the screen: who may, what is tried, what is shown, what is written."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.console.desk import Console
from tests.fakes.scout import ADDRESS, LOGIN, FakeScout
from vitrail.adapters.sitefolder import SiteYaml, write_site
from vitrail.adapters.sitefolder.writing import Answers
from vitrail.analytics.registry import Registry
from vitrail.domain.mandates import Mode
from vitrail.domain.people import Role

GIVEN = {"user": LOGIN.user, "password": LOGIN.password}
QUAY = {**GIVEN, "id": "quay", "name": "Quay", "address": ADDRESS}


def made(tmp_path: Path, mode: Mode) -> Console:
    write_site(tmp_path / "site", b.NOW_US, Answers(reviewed_by="An officer", profile="lab", address="yard.mp4"))
    for path in (tmp_path / "site" / "mandates").iterdir():
        path.unlink()
    text = (tmp_path / "site" / "site.yaml").read_text().replace("id: entrance", "id: gate")
    (tmp_path / "site" / "site.yaml").write_text(text)
    paper = SiteYaml(tmp_path / "site", {}, Registry.load().manifests)
    return Console(tmp_path, paper=paper, mandates=[b.mandate(mode=mode, retention_us=b.DAY_US)])


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    """Outside the lab."""
    yield (one := made(tmp_path, Mode.ALERT))
    one.close()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Console]:
    one = made(tmp_path, Mode.LAB)
    one.member(Role.ADMINISTRATOR)
    records = one.world.records.accounts
    records.update(replace(records.get("administrator"), territory=frozenset({"gate"})))
    yield one
    one.close()


def ask(console: Console, browser: Any, verb: str, given: dict[str, Any]) -> Any:
    headers = {"X-CSRF-Token": console.csrf(browser), "accept": "application/json"}
    return browser.post(f"/api/v1/cameras{verb}", json=given, headers=headers)


def wanted(console: Console) -> list[bool]:
    assert isinstance(console.scout, FakeScout)
    return console.scout.asked


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.INVESTIGATOR, Role.OFFICER, Role.AUDITOR])
def test_whoever_does_not_administer_asks_no_network_and_writes_nothing(console: Console, role: Role) -> None:
    browser = console.browser(role.value)
    before = console.folder.joinpath("site", "site.yaml").read_text()
    assert browser.get("/setup/add").status_code == 403
    verbs = {"/nearby": {}, "/offered": {"device": "10.0.0.5"}, "/try": {"address": ADDRESS}, "/check": QUAY}
    for verb, given in {**verbs, "": {**QUAY, "base": ""}}.items():
        assert ask(console, browser, verb, given).status_code == 403, verb
    assert browser.get("/api/v1/cameras/try/still.jpg").status_code == 404
    assert wanted(console) == []
    assert console.folder.joinpath("site", "site.yaml").read_text() == before


def test_cameras_are_found_and_their_streams_told_and_both_stand_in_the_ledger(console: Console) -> None:
    browser = console.browser("technician")
    (found,) = ask(console, browser, "/nearby", {}).json()
    assert found["name"] == "Quay"
    streams = ask(console, browser, "/offered", {"device": found["address"], **GIVEN}).json()
    assert [stream["address"] for stream in streams] == [ADDRESS, "rtsp://10.0.0.5/sub"]
    refused = ask(console, browser, "/offered", {"device": found["address"], "user": "viewer", "password": "wrong-1"})
    assert refused.status_code == 503 and "refuses the user or password" in refused.json()["error"]["what"]
    said = console.world.said()
    assert "consult done network:cameras" in said and "consult failed network:10.0.0.5" in said
    ledger = " ".join(f"{e.target} {e.reason} {e.detail}" for e in console.world.entries())
    assert "wrong-1" not in ledger and LOGIN.password not in ledger


def test_outside_the_lab_nobody_sees_a_picture_by_trying_a_camera(console: Console) -> None:
    for role in ("technician", "administrator"):
        browser = console.browser(role)
        tried = ask(console, browser, "/try", {"address": ADDRESS, **GIVEN}).json()
        assert (tried["codec"], tried["width"], tried["still"]) == ("h264", 320, False)
        assert tried["withheld"]["rule"] == "L23"
        assert browser.get("/api/v1/cameras/try/still.jpg").status_code == 404
    assert wanted(console) == [False, False], "not even decoded"


def test_in_the_lab_an_administrator_sees_one_picture_with_everybody_hidden_once(lab: Console) -> None:
    browser = lab.browser("administrator")
    tried = ask(lab, browser, "/try", {"address": ADDRESS, **GIVEN}).json()
    assert tried["still"] and tried["withheld"] is None
    shown = browser.get("/api/v1/cameras/try/still.jpg")
    filmed = FakeScout().reach(ADDRESS, LOGIN, True).picture
    assert filmed is not None
    plain = lab.world.film.still(filmed, 960)
    assert shown.content.partition(b"\n")[0] == plain.partition(b"\n")[0], "the same size"
    assert shown.content != plain, "and somebody in it is hidden"
    assert lab.world.detector.looked > 0
    assert browser.get("/api/v1/cameras/try/still.jpg").status_code == 404, "it is had once"


def test_in_the_lab_a_technician_sees_none(lab: Console) -> None:
    tried = ask(lab, lab.browser("technician"), "/try", {"address": ADDRESS, **GIVEN}).json()
    assert not tried["still"] and tried["withheld"]["rule"] == "L23"


def test_in_a_stopped_lab_nobody_sees_one(lab: Console) -> None:
    lab.member(Role.OFFICER)
    lab.world.suspensions.suspend(lab.world.records.accounts.get("officer"), "a doubt")
    tried = ask(lab, lab.browser("administrator"), "/try", {"address": ADDRESS, **GIVEN}).json()
    assert not tried["still"] and tried["withheld"]["rule"] == "L08"
    assert wanted(lab) == [False]


def test_the_camera_is_written_as_it_was_shown_and_what_it_lacks_is_told(console: Console) -> None:
    browser, paper = console.browser("technician"), console.folder / "site" / "site.yaml"
    shown = ask(console, browser, "/check", QUAY).json()
    assert "+  - id: quay" in shown["changes"] and shown["problems"] == []
    assert {one["rule"] for one in shown["lacking"]} == {"L01"}
    assert "quay" not in paper.read_text()
    written = ask(console, browser, "", {**QUAY, "base": shown["base"]})
    assert written.status_code == 200 and written.json()["changes"] == shown["changes"]
    assert "${CAM_QUAY_PASSWORD}" in paper.read_text() and LOGIN.password not in paper.read_text()
    assert "holds at its next start" in console.browser("administrator").get("/setup").text
    assert "change done site.yaml:quay" in console.world.said()


def test_an_id_that_is_taken_a_stale_page_and_a_wild_address_are_told_apart(console: Console) -> None:
    browser = console.browser("technician")
    base = ask(console, browser, "/check", QUAY).json()["base"]
    assert ask(console, browser, "/check", {**QUAY, "id": "gate"}).status_code == 409
    assert ask(console, browser, "", {**QUAY, "base": "0" * 64}).status_code == 409
    for wrong in ({"address": "file:///etc/passwd"}, {"address": "rtsp://a:b@host/"}, {"id": "A B"}, {"latitude": 91}):
        answer = ask(console, browser, "/check", {**QUAY, **wrong})
        assert answer.status_code == 422, wrong
        assert LOGIN.password not in answer.text
    assert ask(console, browser, "", {**QUAY, "base": base}).status_code == 200
    assert ask(console, browser, "", {**QUAY, "base": base}).status_code == 409, "once"


def test_without_the_sessions_token_nothing_is_asked(console: Console) -> None:
    browser = console.browser("technician")
    assert browser.post("/api/v1/cameras/try", json={"address": ADDRESS, **GIVEN}).status_code == 403
    assert wanted(console) == []


def test_the_form_is_linked_for_those_who_administer_alone_and_speaks_french(console: Console) -> None:
    assert 'href="/setup/add"' in console.browser("technician").get("/setup").text
    assert 'href="/setup/add"' not in console.browser("operator").get("/setup").text
    text = console.browser("technician", **{"accept-language": "fr"}).get("/setup/add").text
    assert "Ajouter une caméra" in text and "n’active rien" in text


def test_what_a_new_camera_lacks_is_told_in_french(console: Console) -> None:
    shown = ask(console, console.browser("technician", **{"accept-language": "fr"}), "/check", QUAY).json()
    assert [one["what"] for one in shown["lacking"]] == ["aucun mandat ne nomme la caméra quay"]
