"""Links for recipients: two people, an end, a count, and an end at once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.guard.test_bundles import Bindery
from vitrail.domain.bundles import Share
from vitrail.domain.errors import Invalid, NotFound, Refused
from vitrail.domain.ledger import Outcome
from vitrail.domain.time import DAY_US, SECOND_US
from vitrail.guard.figures import count
from vitrail.guard.sharing import Sharing


class Counter(Bindery):
    def __post_init__(self) -> None:
        super().__post_init__()
        world = self.world
        self.sharing = Sharing(self.work, world.records.bundles, world.shelf, world.ledger, world.clock, False)
        self.bundle = self.asked()
        self.made(self.bundle)

    def linked(self, granted: bool | None = True, most: int = 2) -> tuple[Share, str]:
        share, token = self.sharing.ask(self.who("ines"), self.bundle.id, 2 * DAY_US, most, "the court fetches it")
        if granted is not None:
            self.sharing.answer(self.who("olga"), share.id, granted, "it is theirs")
        return share, token


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Counter]:
    made = Counter(tmp_path)
    yield made
    made.live.close()


def test_a_link_opens_the_bundle_once_a_second_person_agreed(office: Counter) -> None:
    share, token = office.linked(granted=None)
    with pytest.raises(NotFound):
        office.sharing.take(token)
    for name in ("ines", "ida", "marie"):
        with pytest.raises(Refused):
            office.sharing.answer(office.who(name), share.id, True, "me too")
    office.sharing.answer(office.who("olga"), share.id, True, "it is theirs")
    bundle, path = office.sharing.take(token)
    assert bundle.id == office.bundle.id and path.read_bytes()[:2] == b"PK"


def test_a_declined_link_opens_nothing(office: Counter) -> None:
    _, token = office.linked(granted=False)
    with pytest.raises(NotFound):
        office.sharing.take(token)


def test_downloads_are_counted_and_the_last_one_is_the_last(office: Counter) -> None:
    share, token = office.linked(most=2)
    for _ in range(2):
        office.sharing.take(token)
    with pytest.raises(NotFound):
        office.sharing.take(token)
    assert office.world.records.bundles.share(share.id).taken == 2
    entries = office.world.entries()
    uses = count(iter(entries), len(entries)).uses()
    assert (uses.shares, uses.taken) == (1, 2)
    assert entries[-1].outcome is Outcome.REFUSED and entries[-1].target == f"share:{share.id}"


@pytest.mark.parametrize("who", ["ines", "olga"])
def test_taking_it_back_works_at_once(office: Counter, who: str) -> None:
    share, token = office.linked()
    office.sharing.take(token)
    office.sharing.revoke(office.who(who), share.id, "sent to the wrong court")
    with pytest.raises(NotFound):
        office.sharing.take(token)


def test_strangers_take_nothing_back(office: Counter) -> None:
    share, _ = office.linked()
    for name in ("marie", "ida"):
        with pytest.raises(Refused):
            office.sharing.revoke(office.who(name), share.id, "why not")


@pytest.mark.parametrize("end", ["its time", "the case", "the file", "the permission"])
def test_a_link_ends_with_whatever_it_hangs_on(office: Counter, end: str) -> None:
    _, token = office.linked()
    if end == "its time":
        office.world.clock.advance(2 * DAY_US / SECOND_US)
    elif end == "the case":
        office.work.close(office.who("olga"), office.case.id, "the legal basis fell away")
    elif end == "the file":
        office.world.shelf.erase(office.bundle.id)
    else:
        row = office.world.records.bundles.get(office.bundle.id)
        office.world.records.bundles.put(replace(row, originals=True))
    with pytest.raises(NotFound):
        office.sharing.take(token)


def test_a_guessed_link_opens_nothing_and_says_no_more(office: Counter) -> None:
    office.linked()
    with pytest.raises(NotFound) as told:
        office.sharing.take("guessed")
    assert told.value.what == "this link opens nothing"


def test_the_secret_is_kept_nowhere(office: Counter) -> None:
    share, token = office.linked()
    assert token not in str(office.world.records.bundles.share(share.id))
    assert not [e for e in office.world.entries() if token in e.detail + e.target + e.reason]


def test_links_have_bounds(office: Counter) -> None:
    ines = office.who("ines")
    for length_us, most in ((15 * DAY_US, 1), (DAY_US, 21), (0, 1), (DAY_US, 0)):
        with pytest.raises(Invalid):
            office.sharing.ask(ines, office.bundle.id, length_us, most, "more")
    with pytest.raises(Invalid):
        office.sharing.ask(ines, office.asked().id, DAY_US, 1, "not made yet")
    with pytest.raises(Refused):
        office.sharing.ask(office.who("ida"), office.bundle.id, DAY_US, 1, "not mine")
