"""The map: everything that says where it stands, how it is and what happened there, for people and for programs."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.analytics.plaza import GROUND, PLAZA
from tests.builders import NOW_US
from tests.console.desk import Console
from vitrail.console.ground_plan import _box, _touch, plan_part
from vitrail.domain.events import Alert, AlertState, Place
from vitrail.domain.people import Role
from vitrail.domain.plan import SitePlan
from vitrail.domain.sound import Located, SoundTrace
from vitrail.domain.streams import Asset, MapPosition, Microphone, SoundStream
from vitrail.domain.time import HOUR_US, MINUTE_US, Interval
from vitrail.pipeline.plan import Plan
from vitrail.runtime.health import StreamHealth, StreamState

HERE = (48.8567, 2.3520)
BENCH = Place("gate", asset_id="bench")
GATE = b.camera(
    ground=replace(GROUND, origin=HERE),
    zones=(b.zone(), PLAZA),
    assets=(Asset("bench", "The bench", "bench", b.square(0.4, 0.7, 0.5, 0.8)),),
)
QUAY = b.camera(
    id="quay",
    name="Quay & <b>steps</b>",
    streams=(b.stream(id="quay-main", camera_id="quay"),),
    position=MapPosition(48.8572, 2.3530, 200.0),
    zones=(),
    analytics=(),
)
EAR = Microphone(
    "ear",
    "Ear on the roof",
    SoundStream("ear-main", "ear", "ear.wav", "ear.wav"),
    "tunnel",
    MapPosition(48.8570, 2.3515),
)
STREET = SitePlan(streets=(((48.8560, 2.3510), (48.8575, 2.3535)),))


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path, site=b.site(cameras=(GATE, QUAY), microphones=(EAR,), plan=STREET))
    for role in (Role.OPERATOR, Role.TECHNICIAN):
        made.member(role)
        known = made.world.records.accounts.get(role.value)
        made.world.records.accounts.update(replace(known, territory=frozenset({"gate", "quay", "ear"})))
    made.board.put(StreamHealth("quay-main", "quay", StreamState.LOST, NOW_US, detail="no answer for 12 s"))
    yield made
    made.close()


def add(console: Console, place: Place, began_us: int, **changes: Any) -> Alert:
    records = console.world.records.alerts
    span = Interval(began_us, began_us + 1)
    id_ = f"01M{len(records.rows):023d}"
    row = b.alert(id=id_, place=place, interval=span, evidence=span, created_us=began_us, **changes)
    records.rows[row.id] = row
    records.erase_after_us[row.id] = NOW_US + HOUR_US * 48
    return row


def linked(text: str, spot: str) -> str:
    found = re.search(rf'<a id="spot-{re.escape(spot)}" href="([^"]+)"', text)
    assert found, spot
    return found[1]


def test_what_stands_somewhere_is_drawn_and_the_table_says_the_same(console: Console) -> None:
    text = console.browser().get("/map").text
    drawing, table = text.split('<table class="rows places">')
    for spot in ("gate", "quay", "microphone.ear", "asset.gate.bench"):
        assert linked(drawing, spot)
        assert f'id="at-{spot}"' in table
    assert drawing.count('<polygon class="view') == 2 and 'class="street"' in drawing
    assert "Quay &amp; &lt;b&gt;steps&lt;/b&gt;" in drawing and "<b>steps" not in text
    assert "in order" in table and "The bench" in table


def test_a_lost_camera_is_told_at_a_glance_by_a_word_and_a_mark(console: Console) -> None:
    text = console.browser().get("/map").text
    assert re.search(r"without a picture or sound:</b> Quay", text)
    assert re.search(r'<g class="spot camera gone">[^✕]*✕', text)
    assert "no answer for 12 s" in text.split("<table")[1]
    console.board.put(StreamHealth("quay-main", "quay", StreamState.QUIET, NOW_US))
    assert "without a picture" not in console.browser().get("/map").text


def test_an_alert_lies_where_its_zone_is_drawn_and_pressing_it_opens_it(console: Console) -> None:
    there = add(console, Place("gate", zone_id="plaza"), NOW_US - MINUTE_US)
    last = add(console, Place("quay"), NOW_US - MINUTE_US)
    text = console.browser().get("/map").text
    assert linked(text, "quay") == f"/alerts/{last.id}"
    assert linked(text, "zone.gate.plaza") == f"/alerts/{there.id}", "on the calibrated ground"
    assert linked(text, "gate") == f"/alerts/{console.alerts[0].id}", "its zone is too near to another mark"


def test_several_alerts_in_one_place_lead_to_its_row_where_each_can_be_opened(console: Console) -> None:
    rows = [add(console, Place("quay"), NOW_US - n * MINUTE_US) for n in (1, 2)]
    text = console.browser().get("/map").text
    assert linked(text, "quay") == "#at-quay"
    assert text.index('id="at-quay"') < text.index('id="at-gate"'), "what is gone comes first"
    row = text.split('<tr id="at-quay">')[1].split("</tr>")[0]
    assert all(f"/alerts/{alert.id}" in row for alert in rows)


def test_now_is_what_waits_and_an_hour_is_all_that_began_in_it(console: Console) -> None:
    old = add(console, Place("quay"), NOW_US - 5 * HOUR_US, state=AlertState.DISMISSED)
    browser = console.browser()
    assert old.id not in browser.get("/map").text
    page = browser.get("/map", params={"hour": NOW_US - 5 * HOUR_US})
    assert f"/alerts/{old.id}" in page.text and console.alerts[0].id not in page.text
    assert page.text.count('<li><a id="hour-') == 24


@pytest.mark.parametrize("hour", [NOW_US - 30 * HOUR_US, NOW_US + 2 * HOUR_US, -1, "soon"])
def test_an_hour_that_is_none_of_the_last_day_is_refused(console: Console, hour: object) -> None:
    assert console.browser().get("/map", params={"hour": hour}).status_code == 422


def test_a_sound_lies_where_it_came_from_and_marks_no_camera(console: Console) -> None:
    """L18"""
    console.world.records.alerts.rows.clear()
    came_from = Located(48.8572, 2.3530, 9.0, 4.0, 30.0, ("ear",))
    heard = add(console, Place.heard("ear"), NOW_US - MINUTE_US, kind="gunshot", sound=SoundTrace((), (), came_from))
    text = console.browser().get("/map").text
    assert '<ellipse class="sound"' in text
    assert linked(text, "microphone.ear") == f"/alerts/{heard.id}"
    assert linked(text, "quay") == "#at-quay" and linked(text, "gate") == "#at-gate"


def test_a_technician_sees_how_things_stand_and_no_alert(console: Console) -> None:
    page = console.browser("technician").get("/map")
    assert page.status_code == 200
    assert "The bench" in page.text and "without a picture" in page.text
    assert "/alerts/" not in page.text and "day-hours" not in page.text


def test_outside_the_territory_nothing_is_on_the_map(console: Console) -> None:
    records = console.world.records
    add(console, Place("quay"), NOW_US - MINUTE_US)
    records.accounts.update(replace(records.accounts.get("operator"), territory=frozenset({"gate"})))
    browser = console.browser()
    for path in ("/map", "/map/now", f"/map?hour={NOW_US}", "/api/v1/map"):
        text = browser.get(path).text
        assert "quay" not in text.lower() and "ear" not in re.findall(r"microphone\.(\w+)", text), path


def test_each_look_stands_in_the_ledger_before_it_is_answered(console: Console) -> None:
    browser = console.browser()
    before = len(console.world.said())
    browser.get("/map")
    said = console.world.said()[before:]
    assert "consult done alerts" in said and "consult done cameras" in said and "consult done upkeep" in said


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR])
def test_whoever_may_see_none_of_it_is_refused(console: Console, role: Role) -> None:
    for path in ("/map", "/map/now", "/api/v1/map"):
        assert console.browser(role.value).get(path).status_code == 403
    assert 'href="/map"' not in console.browser(role.value).get("/streams").text


def test_a_site_of_which_nobody_said_where_it_is_says_what_to_do(tmp_path: Path) -> None:
    made = Console(tmp_path)
    try:
        text = made.browser().get("/map").text
    finally:
        made.close()
    assert "Nothing here says where it stands" in text and 'id="at-gate"' in text


def test_programs_get_geojson_in_degrees_longitude_first(console: Console) -> None:
    alert = add(console, Place("quay"), NOW_US - MINUTE_US)
    made = console.browser(accept="application/json").get("/api/v1/map").json()
    features = {feature["id"]: feature for feature in made["features"]}
    assert made["type"] == "FeatureCollection" and len(made["hours"]) == 24
    for key in ("camera.quay", f"alert.{alert.id}"):
        longitude, latitude = features[key]["geometry"]["coordinates"]
        assert (longitude, latitude) == pytest.approx((2.3530, 48.8572), abs=1e-6)
    ring = features["view.gate"]["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1] and len(ring) > 4
    assert features["camera.quay"]["properties"]["state"] == "lost" and features["camera.quay"]["properties"]["gone"]
    assert features["asset.gate.bench"]["properties"]["state"] == "ok"
    for place in ("camera.gate", "asset.gate.bench"):
        longitude, latitude = features[place]["geometry"]["coordinates"]
        assert (longitude, latitude) == pytest.approx(HERE[::-1], abs=0.0005)


def test_a_name_is_never_written_over_a_mark_or_another_name() -> None:
    """Nine cameras a few metres apart: some stay without a name, and the table names them."""
    at = {f"c{n}": (n % 3 * 3.0, n // 3 * 3.0) for n in range(9)}
    plan = Plan(HERE, (), at, frozenset(), None, (), ())
    part = plan_part(plan, {key: f"Camera of the square {key}" for key in at})
    assert 0 < len(part.labels) < 9
    sides = {key: (label.dx, label.dy, label.anchor) for key, label in part.labels.items()}
    boxes = [_box(part.places[key], f"Camera of the square {key}", side, part.letter) for key, side in sides.items()]
    assert not [(one, other) for one, other in combinations(boxes, 2) if _touch(one, other)]


def test_in_french(console: Console) -> None:
    text = console.browser(**{"accept-language": "fr"}).get("/map").text
    assert "Carte" in text and "sans image ni son" in text
