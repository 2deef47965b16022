"""The page that searches: understood words, a storyboard, refusals with a way to ask, photographs without people."""

import cv2
import numpy as np
import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.console.desk import Console
from vitrail.domain.sightings import Tint
from vitrail.domain.time import DAY_US

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
