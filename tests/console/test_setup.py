"""Setting cameras up on the screen: who sees the picture, who writes, and what is told before anything is written."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.console.desk import Console
from vitrail.adapters.sitefolder import SiteYaml, write_site
from vitrail.adapters.sitefolder.writing import Answers
from vitrail.analytics.registry import Registry
from vitrail.domain.mandates import Mode
from vitrail.domain.people import Role, Use
from vitrail.guard.admit import USES

ZONE = {"kind": "zones", "id": "door", "name": "The door", "corners": [[0.1, 0.2], [0.3, 0.2], [0.3, 0.5]]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    answers = Answers(reviewed_by="An officer", profile="lab", address="yard.mp4")
    write_site(tmp_path / "site", b.NOW_US, answers)
    text = (tmp_path / "site" / "site.yaml").read_text().replace("id: entrance", "id: gate")
    (tmp_path / "site" / "site.yaml").write_text(text)
    for path in (tmp_path / "site" / "mandates").iterdir():
        path.unlink()
    return tmp_path / "site"


@pytest.fixture
def console(tmp_path: Path, folder: Path) -> Iterator[Console]:
    paper = SiteYaml(folder, {}, Registry.load().manifests)
    mandates = [b.mandate(mode=Mode.ALERT, retention_us=b.DAY_US)]
    made = Console(tmp_path, paper=paper, mandates=mandates)
    yield made
    made.close()


def drawn(browser: Any, *more: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What the page holds, with more drawn on it."""
    found = re.search(r'data-drawing="([^"]+)"', browser.get("/setup/gate").text)
    assert found
    told = json.loads(found[1].replace("&#34;", '"'))
    return {**told, "shapes": [*told["shapes"], *more], **changes}


def send(console: Console, browser: Any, verb: str, given: dict[str, Any]) -> Any:
    headers = {"X-CSRF-Token": console.csrf(browser), "accept": "application/json"}
    return browser.post(f"/setup/gate/{verb}", json=given, headers=headers)


def waiting(browser: Any) -> str:
    found = re.search(r'name="made_us" value="(\d+)"', browser.get("/setup/gate").text)
    assert found
    return found[1]


def test_outside_the_lab_no_role_both_draws_and_decides() -> None:
    assert not [role for role, uses in USES.items() if {Use.REVIEW, Use.ADMINISTER} <= uses]


def test_a_drawing_goes_from_the_operator_to_the_administrator_into_the_file(console: Console, folder: Path) -> None:
    operator, administrator = console.browser("operator"), console.browser("administrator")
    before = (folder / "site.yaml").read_text()
    assert send(console, operator, "draft", drawn(operator, ZONE)).json() == {"next": "/setup/gate"}
    assert (folder / "site.yaml").read_text() == before
    page = administrator.get("/setup/gate").text
    assert "+      - id: door" in page and "still.jpg" not in page
    told = {"csrf": console.csrf(administrator), "made_us": waiting(administrator)}
    assert administrator.post("/setup/gate/adopt", data=told).headers["location"] == "/setup/gate?saved=true"
    after = (folder / "site.yaml").read_text()
    assert "      - id: door\n        name: The door\n        corners: [[0.1, 0.2], [0.3, 0.2], [0.3, 0.5]]\n" in after
    assert {line for line in before.splitlines() if "#" in line} <= set(after.splitlines())
    assert (folder / "site.yaml.before").read_text() == before
    assert "holds at its next start" in administrator.get("/setup").text
    targets = [entry.target for entry in console.world.entries() if entry.operation.value == "change"]
    assert "draft:gate" in targets and "site.yaml:gate" in targets


def test_an_operator_writes_nothing_and_an_administrator_sees_no_picture(console: Console, folder: Path) -> None:
    operator, administrator = console.browser("operator"), console.browser("administrator")
    send(console, operator, "draft", drawn(operator, ZONE))
    told = {"csrf": console.csrf(operator), "made_us": waiting(operator)}
    before = (folder / "site.yaml").read_text()
    assert operator.post("/setup/gate/adopt", data=told).status_code == 403
    assert (folder / "site.yaml").read_text() == before
    assert administrator.get("/setup/gate/still.jpg").status_code == 403
    given = drawn(operator, ZONE)
    assert send(console, administrator, "check", given).status_code == 403
    assert send(console, administrator, "draft", given).status_code == 403


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR])
def test_other_roles_set_nothing_up(console: Console, role: Role) -> None:
    browser = console.browser(role.value)
    for path in ("/setup", "/setup/gate", "/setup/gate/still.jpg"):
        assert browser.get(path).status_code == 403, path


def test_the_picture_is_masked_recording_and_its_look_is_in_the_ledger(console: Console) -> None:
    answer = console.browser("operator").get("/setup/gate/still.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    entry = [entry for entry in console.world.entries() if entry.target == "camera:gate"][-1]
    assert entry.actor == "operator"


def test_what_check_would_refuse_is_told_and_not_written(console: Console, folder: Path) -> None:
    operator = console.browser("operator")
    twisted = ZONE | {"corners": [[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]}
    said = send(console, operator, "check", drawn(operator, twisted)).json()
    assert "cross" in said["problems"][0]["what"] and "zones[1].corners" in said["problems"][0]["key"]
    answer = send(console, operator, "draft", drawn(operator, twisted))
    assert answer.status_code == 422 and answer.json()["problems"]
    gone = {**drawn(operator), "shapes": []}
    assert any(
        "unknown zone `forecourt`" in p["what"] for p in send(console, operator, "check", gone).json()["problems"]
    )


def test_a_file_that_changed_meanwhile_is_a_conflict(console: Console, folder: Path) -> None:
    operator, administrator = console.browser("operator"), console.browser("administrator")
    given = drawn(operator, ZONE)
    send(console, operator, "draft", given)
    made = waiting(administrator)
    (folder / "site.yaml").write_text((folder / "site.yaml").read_text() + "\n# somebody else\n")
    assert send(console, operator, "check", given).status_code == 409
    told = {"csrf": console.csrf(administrator), "made_us": made}
    assert administrator.post("/setup/gate/adopt", data=told).status_code == 409
    assert (folder / "site.yaml").read_text().endswith("# somebody else\n")
    assert "drawn again" in administrator.get("/setup/gate").text


def test_masks_change_only_with_somebody_who_looked_and_their_name_goes_along(console: Console) -> None:
    operator = console.browser("operator")
    mask = {"kind": "masks", "corners": [[0.8, 0.1], [0.95, 0.1], [0.95, 0.4]]}
    refused = send(console, operator, "check", drawn(operator, mask))
    assert refused.status_code == 403 and refused.json()["error"]["rule"] == "L17"
    said = send(console, operator, "check", drawn(operator, mask, reviewed=True)).json()
    assert '+      reviewed_by: "Operator"' in said["changes"] and "+        - [[0.8, 0.1]" in said["changes"]


def test_clues_come_back_as_a_ground_with_a_grid(console: Console) -> None:
    operator = console.browser("operator")
    places = [([0.0, 6.0], [0.3, 0.9]), ([4.0, 6.0], [0.7, 0.9]), ([4.0, 14.0], [0.6, 0.6]), ([0.0, 14.0], [0.4, 0.6])]
    clues = {
        "picture": [1920, 1080],
        "places": [{"at": at, "known": known, "on_map": False} for known, at in places],
    }
    said = send(console, operator, "check", drawn(operator, clues=clues)).json()
    found = said["calibration"]
    assert said["problems"] == [] and found["grid"] and len(found["misfits"]) == 4
    assert 1.0 < found["height_m"] < 20.0 and found["doubt"] < 0.3
    assert "- {at: [0.3, 0.9], metres: [0.0, 6.0]}" in said["changes"]
    clues["places"][0]["known"] = [9.0, 6.0]
    said = send(console, operator, "check", drawn(operator, clues=clues)).json()
    assert "implausible" in said["problems"][0]["what"] and said["calibration"] is None


def test_what_is_malformed_is_refused(console: Console) -> None:
    operator = console.browser("operator")
    for wrong in ({"base": "x"}, {"shapes": [{"kind": "faces", "corners": []}]}, {"more": 1}):
        assert send(console, operator, "check", {**drawn(operator), **wrong}).status_code == 422
    assert operator.get("/setup/..%2fgate").status_code == 404


def test_without_the_pages_own_token_nothing_is_kept(console: Console) -> None:
    operator = console.browser("operator")
    assert operator.post("/setup/gate/draft", json=drawn(operator, ZONE)).status_code == 403
    assert "made_us" not in operator.get("/setup/gate").text


def test_a_draft_is_dropped_by_its_author(console: Console) -> None:
    operator = console.browser("operator")
    send(console, operator, "draft", drawn(operator, ZONE))
    told = {"csrf": console.csrf(operator), "made_us": waiting(operator)}
    assert operator.post("/setup/gate/drop", data=told).status_code == 303
    assert "made_us" not in operator.get("/setup/gate").text


def test_without_a_ledger_no_draft_is_kept_and_nothing_is_written(console: Console, folder: Path) -> None:
    operator, administrator = console.browser("operator"), console.browser("administrator")
    send(console, operator, "draft", drawn(operator, ZONE))
    before = (folder / "site.yaml").read_bytes()
    told = {"csrf": console.csrf(administrator), "made_us": waiting(administrator)}
    given = drawn(operator, ZONE | {"id": "other"})
    proof = {"X-CSRF-Token": console.csrf(operator), "accept": "application/json"}
    console.world.ledger_full()
    assert administrator.post("/setup/gate/adopt", data=told).status_code == 403
    assert operator.post("/setup/gate/draft", json=given, headers=proof).json()["error"]["rule"] == "L13"
    assert (folder / "site.yaml").read_bytes() == before
    console.world.ledger_full(False)
    assert administrator.post("/setup/gate/adopt", data=told).status_code == 303


def test_what_is_wrong_with_a_drawing_is_told_in_french(console: Console) -> None:
    browser = console.browser("operator", **{"accept-language": "fr"})
    crossed = {**ZONE, "corners": [[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]}
    problems = send(console, browser, "check", drawn(browser, crossed)).json()["problems"]
    assert [one["what"] for one in problems] == ["les côtés du polygone ne doivent pas se croiser"]
