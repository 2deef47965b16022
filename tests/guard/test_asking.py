"""Descriptions: about people they are refused, about things they become filters that everybody can see."""

import contextlib
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders as b
from tests.builders import NOW_US
from vitrail.domain.errors import Invalid, Refused
from vitrail.domain.people import Grant
from vitrail.domain.search import Filters
from vitrail.domain.sightings import Heading
from vitrail.domain.streams import Site
from vitrail.domain.time import DAY_US, MINUTE_US, SECOND_US, Interval
from vitrail.guard.asking import person_words, understand
from vitrail.guard.asking.lexicon import lexicon
from vitrail.guard.asking.times import Times, spans_of, times_in

LISTS = Path(__file__).resolve().parents[2] / "benchmarks" / "search"
TUESDAY = date(2026, 11, 24)


def lines(name: str) -> list[str]:
    return [line[3:].strip() for line in (LISTS / name).read_text(encoding="utf-8").splitlines()]


def site() -> Site:
    kiosk = b.zone(id="kiosk", name="Devant le kiosque")
    east = b.zone(id="east", name="East door")
    return b.site(cameras=(b.camera(zones=(kiosk, east)), b.camera(id="gate-2", name="Rue des Lilas")))


def grant() -> Grant:
    return b.grant(cameras=frozenset({"gate", "gate-2"}))


def asked(text: str) -> Filters:
    return understand(text, site(), grant()).filters


@pytest.mark.parametrize("text", lines("people.txt")[::2])
def test_a_description_of_a_person_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        understand(text, site(), grant())
    assert refused.value.rule == "L21"
    assert refused.value.remedy


@pytest.mark.parametrize("text", lines("things.txt")[::2])
def test_a_description_of_a_thing_a_place_or_an_event_is_understood(text: str) -> None:
    assert person_words(text) is None
    assert not asked(text).empty


@pytest.mark.parametrize(
    "text",
    [
        "w o m a n in red",
        "MAN IN A RED JACKET",
        "Ｗｏｍａｎ in red",
        "homme\u00a0en\u00a0rouge",
        "l’homme au sac",
        "the  m\u00e0n",
    ],
)
def test_disguised_words_are_refused_or_at_least_never_looked_for(text: str) -> None:
    try:
        assert not asked(text).kinds & {"person"}
    except (Refused, Invalid):
        return
    assert "woman" not in asked(text).words


def test_edited_words_are_looked_at_too() -> None:
    with pytest.raises(Refused):
        understand("", site(), grant(), Filters(words="blond woman"))


def test_names_of_places_are_no_names_of_people() -> None:
    understood = understand("voiture rouge Rue des Lilas", site(), grant())
    assert understood.filters.cameras == {"gate-2"}
    assert understand("white van near the East door", site(), grant()).filters.places == {"east"}


def test_a_whole_sentence_becomes_its_filters() -> None:
    made = understand("camionnette blanche arrêtée devant le kiosque mardi soir", site(), grant())
    assert made.filters.kinds == {"car", "truck"}
    assert made.filters.colours == {"white"}
    assert made.filters.places == {"kiosk"}
    assert made.filters.least_standing_s == 10
    assert made.filters.spans
    assert {word.meaning for word in made.words} == {"kind", "colour", "place", "standing", "time"}
    assert made.filters.words == ""


@pytest.mark.parametrize(
    ("text", "kinds", "events"),
    [
        ("suitcase left near the east door", {"suitcase"}, {"left_object"}),
        ("a bin on fire", set(), {"fire"}),
        ("red car going the wrong way before 6 am", {"car", "truck", "bus", "motorcycle"} & {"car"}, {"wrong_way"}),
        ("coup de feu la nuit", set(), {"gunshot"}),
        ("graffiti on the wall", {"surface", "asset"}, {"graffiti"}),
        ("car left in the yard", {"car"}, set()),
        ("person on the ground", set(), {"fall"}),
        ("combien de personnes sur la place", {"view"}, {"crowding"}),
    ],
)
def test_things_and_events_are_told_apart(text: str, kinds: set[str], events: set[str]) -> None:
    made = asked(text)
    assert (made.kinds, made.events) == (kinds, events)


def test_movement_speed_and_standing_are_filters() -> None:
    assert asked("yellow lorry turning left").heading is Heading.LEFT
    assert asked("voitures qui s'éloignent de la caméra").kinds == {"car"}
    assert asked("cars passing faster than 70 km/h").least_speed_kmh == 70
    assert asked("bus standing more than ten minutes").least_standing_s == 600
    assert asked("camions de plus de 12 m de long").least_length_m == 12
    assert asked("lorry longer than 7.5 metres").least_length_m == 7.5
    assert asked("truck at least 9 m long that stood for five minutes").least_standing_s == 300
    assert asked("car more than 10 m from the gate").least_length_m == 0
    assert asked("voiture grise garée pendant une heure").least_standing_s == 3600


def test_french_words_that_nobody_knows_do_not_spoil_what_was_understood() -> None:
    made = understand("camionnette blanche arrêtée dans la cour du moulin", site(), grant())
    assert made.filters.words == ""
    assert [word.text for word in made.words if word.meaning == "unknown"] == ["cour", "moulin"]
    assert asked("un moulin").words == "moulin"


def test_what_only_likeness_can_answer_goes_to_it_in_english() -> None:
    assert asked("matelas sur le trottoir").words.startswith("mattress")
    assert "ladder" in asked("fourgon orange avec des échelles sur le toit").words
    assert asked("red car").words == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("before 6 am", (0, 360)),
        ("avant 6 h", (0, 360)),
        ("entre 2 h et 3 h du matin", (120, 180)),
        ("between 2 and 3 at night", (120, 180)),
        ("between midnight and 4", (0, 240)),
        ("de 14 h à 15 h", (840, 900)),
        ("14:00 to 15:00", (840, 900)),
        ("between 23:00 and 01:00", (1380, 1500)),
        ("after 22:00", (1320, 1440)),
        ("at 5 pm", (1000, 1040)),
        ("à 8 h 15", (475, 515)),
        ("in the evening", (1080, 1440)),
        ("la nuit", (1320, 1800)),
        ("more than five minutes", None),
        ("platform 2", None),
    ],
)
def test_hours_are_read_in_both_languages(text: str, expected: tuple[int, int] | None) -> None:
    from vitrail.guard.asking.lexicon import folded

    assert times_in(folded(text), TUESDAY).minutes == expected


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("yesterday", date(2026, 11, 23), date(2026, 11, 23)),
        ("avant-hier", date(2026, 11, 22), date(2026, 11, 22)),
        ("le 12 novembre", date(2026, 11, 12), date(2026, 11, 12)),
        ("on december 3rd", date(2025, 12, 3), date(2025, 12, 3)),
        ("2026-11-02", date(2026, 11, 2), date(2026, 11, 2)),
        ("since friday", date(2026, 11, 20), TUESDAY),
        ("la semaine derniere", date(2026, 11, 16), date(2026, 11, 22)),
        ("last three days", date(2026, 11, 21), TUESDAY),
        ("last tuesday", date(2026, 11, 17), date(2026, 11, 17)),
        ("last night", date(2026, 11, 23), date(2026, 11, 23)),
    ],
)
def test_days_are_read_in_both_languages(text: str, first: date, last: date) -> None:
    assert times_in(text, TUESDAY).days == (first, last)


def us(*at: int, zone: str = "Europe/Paris", fold: int = 0) -> int:
    year, month, day, hour, minute = at
    return round(datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone), fold=fold).timestamp()) * SECOND_US


def test_the_hour_that_a_night_has_twice_is_searched_both_times() -> None:
    window = Interval(us(2026, 10, 24, 0, 0), us(2026, 10, 26, 0, 0))
    times = Times((date(2026, 10, 25), date(2026, 10, 25)), frozenset(), (120, 180))
    (span,) = spans_of(times, "Europe/Paris", window)
    assert span.length_us == 120 * MINUTE_US
    assert span.start_us == us(2026, 10, 25, 2, 0, fold=0)


def test_the_hour_that_a_night_does_not_have_is_no_trap() -> None:
    window = Interval(us(2026, 3, 28, 0, 0), us(2026, 3, 30, 0, 0))
    times = Times((date(2026, 3, 29), date(2026, 3, 29)), frozenset(), (60, 240))
    (span,) = spans_of(times, "Europe/Paris", window)
    assert span.length_us == 120 * MINUTE_US


def test_hours_without_a_day_are_searched_on_every_day_of_the_window() -> None:
    window = Interval(us(2026, 11, 20, 12, 0), us(2026, 11, 24, 12, 0))
    spans = spans_of(Times(minutes=(1320, 1800)), "Europe/Paris", window)
    assert len(spans) == 4
    assert all(span.length_us == 8 * 60 * MINUTE_US for span in spans)


def test_a_day_outside_the_case_finds_nothing_instead_of_everything() -> None:
    spans = asked("red car on 3 january 2020").spans
    assert spans and all(span.length_us == 0 for span in spans)


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE sighting; --",
        "🚗🔥",
        "<script>alert(1)</script>",
        "красная машина",
        "红色汽车",
        "\x00\x01\x02",
        "a" * 1999,
        "%%%%",
        "../../etc/passwd",
    ],
)
def test_odd_texts_are_understood_or_told_to_be_no_use_and_never_break(text: str) -> None:
    with contextlib.suppress(Invalid, Refused):
        assert understand(text, site(), grant()).filters.words


def test_ten_thousand_words_are_too_many() -> None:
    with pytest.raises(Invalid, match="long"):
        understand("white van " * 5_000, site(), grant())


def test_nothing_to_search_for_is_said() -> None:
    for text in ("the of and", "42", "…"):
        with pytest.raises(Invalid):
            understand(text, site(), grant())


@given(st.text(max_size=300))
def test_no_text_breaks_the_understanding(text: str) -> None:
    with contextlib.suppress(Invalid, Refused):
        understand(text, site(), grant())


@given(st.integers(1_600_000_000, 1_900_000_000), st.integers(0, 1439), st.integers(1, 900))
def test_spans_lie_within_the_window_in_order_and_apart(end_s: int, low: int, length: int) -> None:
    end_us = end_s * SECOND_US
    window = Interval(end_us - 10 * DAY_US, end_us)
    spans = spans_of(Times(minutes=(low, low + length)), "Europe/Paris", window)
    assert spans
    assert all(window.start_us <= s.start_us < s.end_us <= window.end_us + 1 for s in spans)
    assert all(a.end_us < b.start_us for a, b in pairwise(spans))


def test_the_lexicon_names_only_what_sightings_and_profiles_know() -> None:
    from vitrail.adapters.sitefolder.profiles import read_profile
    from vitrail.domain.search import KINDS
    from vitrail.domain.sightings import COLOURS

    kinds = read_profile("lab").kinds
    for words, meaning in lexicon().items():
        allowed = {"kind": KINDS, "colour": COLOURS, "event": kinds}.get(meaning.type)
        assert allowed is None or set(meaning.values) <= set(allowed), words
    assert NOW_US


def test_no_word_of_the_lexicon_is_about_a_person() -> None:
    for words, meaning in lexicon().items():
        if meaning.type != "event" and words[0] != "qui":
            assert person_words(" ".join(words)) is None, words
