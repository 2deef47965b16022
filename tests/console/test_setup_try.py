"""An analytic tried on the recording before it is switched on: through the ordinary guard, and no alert is written."""

import time
from typing import Any

import pytest

from tests import builders as b
from tests.console.desk import Console
from vitrail.domain.people import Role

TRIAL = {
    "analytic": "presence",
    "purpose": "closed-yard",
    "start": "2026-11-23T12:59:30",
    "minutes": 1,
    "zones": ["yard"],
    "parameters": {"seconds": 0.0},
}


def order(console: Console, browser: Any, **changes: Any) -> Any:
    headers = {"X-CSRF-Token": console.csrf(browser), "accept": "application/json"}
    return browser.post("/setup/gate/try", json=TRIAL | changes, headers=headers)


def test_what_it_would_have_told_is_shown_and_written_nowhere(console: Console) -> None:
    operator = console.browser("operator")
    before = dict(console.world.records.alerts.rows)
    assert order(console, operator).status_code == 200
    job = console.jobs.get("operator:try gate")
    assert job and job.wait(20) and job.error is None, job and job.error
    assert operator.get("/setup/gate/try/work").json() == {"state": "done", "progress": 1.0}
    page = operator.get("/setup/gate/try/told").text
    assert "It would have alerted this many times: 1" in page and "/changed/gate/" in page
    assert dict(console.world.records.alerts.rows) == before
    entry = [e for e in console.world.entries() if "tried presence" in e.detail][-1]
    assert (entry.actor, entry.target) == ("operator", "camera:gate")


def test_a_stricter_setting_tells_less(console: Console) -> None:
    operator = console.browser("operator")
    order(console, operator, parameters={"seconds": 60.0})
    job = console.jobs.get("operator:try gate")
    assert job and job.wait(20)
    assert "It would not have alerted" in operator.get("/setup/gate/try/told").text


def test_what_the_mandate_does_not_list_is_not_tried(console: Console) -> None:
    answer = order(console, console.browser("operator"), analytic="dwell", parameters={"seconds": 30.0})
    assert answer.status_code == 403 and answer.json()["error"]["rule"] == "L04"
    assert console.jobs.get("operator:try gate") is None


def test_a_suspension_stops_trying_too(console: Console) -> None:
    operator = console.browser("operator")
    officer = b.account(id="o", role=Role.OFFICER)
    console.world.suspensions.suspend(officer, "something is wrong", ())
    assert order(console, operator).json()["error"]["rule"] == "L08"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"parameters": {"seconds": 900.0}}, "`seconds` is 0 to 60 s"),
        ({"parameters": {"mood": 1.0}}, "unknown parameter `mood`"),
        ({"zones": ["cellar"]}, "unknown in `zones`: cellar"),
        ({"zones": []}, "needs at least one of `zones`"),
        ({"analytic": "sound"}, "no analytic `sound`"),
    ],
)
def test_a_setting_that_cannot_be_is_told(console: Console, changes: dict[str, Any], said: str) -> None:
    answer = order(console, console.browser("operator"), **changes)
    assert answer.status_code == 422 and said in answer.json()["error"]["what"]


def test_more_than_an_hour_and_other_roles_are_refused(console: Console) -> None:
    assert order(console, console.browser("operator"), minutes=61).status_code == 422
    assert order(console, console.browser("technician")).status_code == 403
    assert console.browser("investigator").get("/setup/gate/try/told").status_code == 404


def test_nothing_recorded_is_said_by_the_work(console: Console) -> None:
    operator = console.browser("operator")
    order(console, operator, start="2026-11-23T10:00:00")
    for _ in range(100):
        told = operator.get("/setup/gate/try/work").json()
        if told["state"] in ("done", "failed"):
            break
        time.sleep(0.05)
    assert "nothing is recorded" in told["error"]["what"]
