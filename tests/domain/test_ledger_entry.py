from hypothesis import given
from hypothesis import strategies as st

from vitrail.domain.ledger import Entry, Operation, Outcome


@given(
    st.integers(0, 2**53),
    st.sampled_from(list(Operation)),
    st.sampled_from(list(Outcome)),
    st.text(max_size=20),
    st.one_of(st.none(), st.integers(0, 10**9)),
)
def test_an_entry_survives_its_canonical_bytes(
    at_us: int, operation: Operation, outcome: Outcome, text: str, about: int | None
) -> None:
    entry = Entry(at_us, operation, outcome, text, "alert:1", text, about=about)
    assert Entry.parse(entry.payload()) == entry
    assert Entry.parse(entry.payload()).payload() == entry.payload()
