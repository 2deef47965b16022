"""The page that searches: understood words, a storyboard, refusals with a way to ask, photographs without people."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.console.desk import Console
from vitrail.console.pages.search import _plan
from vitrail.domain.people import Role
from vitrail.domain.progress import UnderWay
from vitrail.domain.sightings import Tint
from vitrail.domain.streams import MapPosition
from vitrail.domain.time import DAY_US, HOUR_US, Interval

PAGE = "/cases/case-1/search"


@pytest.fixture
def case(console: Console) -> Console:
    """The first account's own case, and two cars."""
    records = console.world.records
    records.cases.put(b.case(members=frozenset({"investigator"}), opened_by="investigator"))
    for number, colour in ((1, "white"), (2, "red")):
        records.seen.records.rows[number] = b.sighting(id=number, tints=(Tint(colour, 0.8),), form=b.form(number))
        records.seen.records.ends[number] = NOW_US + DAY_US
    records.seen.records.last = 2
    return console


def photo(level: int = 40) -> bytes:
    return bytes(cv2.imencode(".jpg", np.full((96, 128, 3), level, np.uint8))[1].tobytes())


def test_an_empty_page_asks(case: Console) -> None:
    page = case.browser("investigator").get(PAGE)
    assert page.status_code == 200
    assert 'type="search"' in page.text and 'type="file"' in page.text


def test_a_description_shows_how_it_was_understood_and_what_was_found(case: Console) -> None:
    page = case.browser("investigator").get(PAGE, params={"q": "voiture rouge"})
    assert page.status_code == 200
    assert page.text.count('class="shot"') == 1
    assert "/search/sighting/2.jpg" in page.text and "/search/like/2" in page.text
    assert 'value="red" checked' in page.text and 'value="car" checked' in page.text


def test_filters_can_be_changed_and_the_address_kept(case: Console) -> None:
    page = case.browser("investigator").get(
        PAGE, params={"q": "red car", "edited": 1, "kind": "car", "colour": ["white", "red"]}
    )
    assert page.text.count('class="shot"') == 2
    narrow = case.browser("investigator").get(
        PAGE, params={"edited": 1, "kind": "bus", "spans": f"{NOW_US - 1}-{NOW_US}"}
    )
    assert narrow.text.count('class="shot"') == 0
    assert "Nothing was found" in narrow.text


@pytest.mark.parametrize("changed", [{"kind": "person"}, {"colour": "skin"}, {"heading": "home"}, {"spans": "x-y"}])
def test_filters_of_ones_own_making_are_refused(case: Console, changed: dict[str, str]) -> None:
    page = case.browser("investigator").get(PAGE, params={"edited": 1} | changed)
    assert page.status_code == 422
    assert 'class="shot"' not in page.text


@pytest.mark.parametrize(("language", "said"), [("en", "Ask like this:"), ("fr", "Demandez ainsi")])
def test_a_person_is_refused_with_the_rule_and_a_way_to_ask(case: Console, language: str, said: str) -> None:
    browser = case.browser("investigator")
    browser.cookies.set("language", language)
    page = browser.get(PAGE, params={"q": "man in a red jacket"})
    assert page.status_code == 403
    assert "L21" in page.text and said in page.text
    assert 'class="shot"' not in page.text
    edited = browser.get(PAGE, params={"edited": 1, "words": "blond woman"})
    assert edited.status_code == 403 and "L21" in edited.text


def test_words_come_back_as_text_never_as_a_page(case: Console) -> None:
    page = case.browser("investigator").get(PAGE, params={"q": '"><script>alert(1)</script> red car'})
    assert "<script>alert" not in page.text


def test_recordings_that_are_still_being_read_are_shown_with_how_far_it_is(case: Console) -> None:
    seen = case.world.records.seen
    reading = UnderWay("gate", Interval(NOW_US - HOUR_US, NOW_US), 0.43, True)
    object.__setattr__(seen, "under_way", lambda: [reading])
    page = case.browser("investigator").get(PAGE, params={"q": "red car"}).text
    assert 'value="0.43"' in page and "43" in page and "interrupted" in page
    api = case.browser("investigator", accept="application/json").get(
        "/api/v1/cases/case-1/search", params={"q": "car"}
    )
    assert api.json()["under_way"][0] | {"start": "", "end": ""} == {
        "camera": "gate",
        "start": "",
        "end": "",
        "share": 0.43,
        "stopped": True,
    }


def test_lengths_are_shown_asked_for_and_kept_in_the_address(case: Console) -> None:
    rows = case.world.records.seen.records.rows
    rows[2] = replace(rows[2], length_m=8.24)
    page = case.browser("investigator").get(PAGE, params={"q": "car longer than 8 m"}).text
    assert page.count('class="shot"') == 1 and "8.2 m" in page
    assert 'name="length" min="0" max="40" step="0.5" value="8.0"' in page
    assert "length=8.0" in page
    longer = case.browser("investigator").get(PAGE, params={"q": "car", "edited": 1, "kind": "car", "length": 9}).text
    assert longer.count('class="shot"') == 0


def test_more_like_this(case: Console) -> None:
    page = case.browser("investigator").get(f"{PAGE}/like/1")
    assert page.status_code == 200
    assert "/search/sighting/2.jpg" in page.text and "/search/sighting/1.jpg" not in page.text


def test_a_photograph_is_shown_as_it_was_searched_with(case: Console) -> None:
    browser = case.browser("investigator")
    answer = browser.post(
        f"{PAGE}/photo", data={"csrf": case.csrf(browser)}, files={"photo": ("car.jpg", photo(), "image/jpeg")}
    )
    assert answer.status_code == 200
    path = answer.text.split('<figure class="searched"><img src="')[1].split('"')[0]
    assert browser.get(path).headers["content-type"] == "image/jpeg"
    assert case.browser("investigator").get(path).status_code == 404


@pytest.mark.parametrize("held", [b"<svg onload=alert(1)>", b"", photo()[:60], b"GIF89a" + b"\x00" * 90])
def test_what_is_no_photograph_is_told_so(case: Console, held: bytes) -> None:
    browser = case.browser("investigator")
    answer = browser.post(
        f"{PAGE}/photo", data={"csrf": case.csrf(browser)}, files={"photo": ("car.jpg", held, "image/jpeg")}
    )
    assert answer.status_code == 422
    assert "JPEG" in answer.text and "<svg onload" not in answer.text


def test_without_a_case_nothing_is_searched(case: Console) -> None:
    assert case.browser("investigator").get("/cases/none/search", params={"q": "red car"}).status_code in (403, 404)
    case.world.records.cases.put(b.case(members=frozenset({"ines"})))
    for who in ("investigator", "operator", "auditor"):
        assert case.browser(who).get(PAGE, params={"q": "red car"}).status_code in (403, 404), who


def test_programs_search_the_same_way(case: Console) -> None:
    browser = case.browser("investigator", accept="application/json")
    answer = browser.get("/api/v1/cases/case-1/search", params={"q": "red car"}).json()
    assert [one["sighting"] for one in answer["found"]] == [2]
    assert answer["found"][0]["colours"] == ["red"]
    assert {word["meaning"] for word in answer["understood"]} == {"colour", "kind"}
    refused = browser.get("/api/v1/cases/case-1/search", params={"q": "man in red"})
    assert refused.status_code == 403 and refused.json()["error"]["rule"] == "L21"
    alike = browser.get("/api/v1/cases/case-1/search/like/1").json()
    assert [one["sighting"] for one in alike["found"]] == [2]


def test_a_search_is_kept_in_the_case_asked_again_and_dropped(case: Console) -> None:
    browser = case.browser("investigator")
    page = browser.get(PAGE, params={"q": "red car"}).text
    query = page.split('name="query" value="')[1].split('"')[0].replace("&amp;", "&")
    kept = {"csrf": case.csrf(browser), "words": "the red car", "query": query}
    assert browser.post(f"{PAGE}/saved", data=kept, follow_redirects=False).status_code == 303
    shown = browser.get(PAGE).text
    assert "the red car" in shown
    address = shown.split("<main")[1].split('<li><a href="')[1].split('"')[0].replace("&amp;", "&")
    assert browser.get(address).text.count('class="shot"') == 1
    assert any("kept" in entry.detail for entry in case.world.entries())
    number = shown.split("/search/saved/")[1].split("/drop")[0]
    browser.post(f"{PAGE}/saved/{number}/drop", data={"csrf": case.csrf(browser)})
    assert "the red car" not in browser.get(PAGE).text


@pytest.mark.parametrize(
    "query",
    ["q=blond+woman", "edited=1&words=man+in+red", "edited=1&kind=person", "edited=1&spans=x-y", "", "&" * 2_000],
)
def test_a_search_about_a_person_or_of_ones_own_making_is_not_kept(case: Console, query: str) -> None:
    browser = case.browser("investigator")
    answer = browser.post(f"{PAGE}/saved", data={"csrf": case.csrf(browser), "words": "mine", "query": query})
    assert answer.status_code in (403, 422)
    assert case.world.records.board.queries("case-1") == []


def test_programs_keep_searches_too(case: Console) -> None:
    browser = case.browser("investigator")
    token = {"x-csrf-token": case.csrf(browser), "accept": "application/json"}
    api = "/api/v1/cases/case-1/search/saved"
    assert browser.get(api, headers=token).json() == []
    made = browser.post(api, json={"words": "red ones", "query": "q=red+car"}, headers=token).json()
    assert (made["words"], made["query"], made["by"]) == ("red ones", "q=red+car", "investigator")
    refused = browser.post(api, json={"words": "him", "query": "q=tall+man"}, headers=token)
    assert refused.status_code == 403 and refused.json()["error"]["rule"] == "L21"
    assert browser.post(f"{api}/{made['id']}/drop", headers=token).json() == {"dropped": True}
    assert browser.post(f"{api}/{made['id']}/drop", headers=token).status_code == 404


def test_a_sighting_is_pinned_to_the_case(case: Console) -> None:
    browser = case.browser("investigator")
    answer = browser.post(
        f"{PAGE}/pin/2", data={"csrf": case.csrf(browser), "words": "the red one"}, follow_redirects=False
    )
    assert answer.headers["location"] == "/cases/case-1/replay"
    (pin,) = case.world.records.board.pins("case-1")
    assert (pin.camera_id, pin.words) == ("gate", "the red one") and pin.y is not None


def test_a_result_leads_to_what_changed_there_with_its_box_drawn(console: Console) -> None:
    """For whoever may look back too: in the lab, the administrator stands in for everybody."""
    records = console.world.records
    records.cases.put(b.case(members=frozenset({"administrator"}), opened_by="administrator"))
    one = b.sighting(id=1, form=b.form(1))
    records.seen.records.rows[1], records.seen.records.ends[1], records.seen.records.last = one, NOW_US + DAY_US, 1
    console.member(Role.ADMINISTRATOR)
    account = records.accounts.get("administrator")
    records.accounts.update(replace(account, territory=frozenset({"gate"})))
    page = console.browser("administrator").get(PAGE, params={"q": "white car"})
    box = ",".join(f"{side:.3f}" for side in one.box)
    assert f"box={box}" in page.text and "/changed?camera=gate" in page.text


def test_cameras_that_stand_somewhere_are_shown_on_a_map_with_how_much_each_found(console: Console) -> None:
    places = {"gate": MapPosition(48.85, 2.35, 90.0), "gate-2": MapPosition(48.8504, 2.3504, None)}
    cameras = [
        b.camera(position=places["gate"]),
        b.camera(id="gate-2", name="Gate two", streams=(b.stream(id="gate-2-main"),), position=places["gate-2"]),
    ]
    plan = _plan(cameras, None)
    assert plan is not None and set(plan.views) == set(plan.places) == set(places)
    left, top, width, height = (float(number) for number in plan.box.split())
    for x, y in plan.places.values():
        assert left < x < left + width and top < y < top + height
    assert plan.places["gate"][1] > plan.places["gate-2"][1]  # north is up
    assert _plan(cameras[:1], None) is None
