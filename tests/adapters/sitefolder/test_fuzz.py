"""Whatever lies in a site folder, reading it answers with a folder or with problems, never with a crash."""

import contextlib
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.sitefolder.conftest import ARGUMENTS, DECISION, ENVIRON, MANIFESTS, SITE
from tests.adapters.sitefolder.conftest import MANDATE as BARE
from vitrail.adapters.sitefolder import read_site
from vitrail.domain.errors import Invalid

MANDATE = BARE.replace("mode: lab", "mode: alert") + ARGUMENTS
_FEW = settings(max_examples=60, deadline=None)
_TOKENS = st.sampled_from(
    [
        *"[]{}|>~-%@`'\"\t\n\u2028é#",
        ": ",
        "- ",
        "&a ",
        "*a",
        "!!x ",
        "? ",
        "true",
        ".nan",
        "1e999",
        "0x",
        "...",
        "---",
        "<<",
    ]
)
_WRONG = ["", "~", "[]", "{}", "[[]]", "[{}]", "{x: 1}", "0", "-1", "1.5", "x", "true", "2026-13-45", "'*'", "9" * 30]


def _read(site: bytes, mandate: bytes) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "mandates").mkdir()
        (folder / "site.yaml").write_bytes(site)
        (folder / "mandates" / "edge.yaml").write_bytes(mandate)
        (folder / "mandates" / "2026-114.pdf").write_bytes(DECISION)
        with contextlib.suppress(Invalid):
            read_site(folder, ENVIRON, MANIFESTS)
    finally:
        shutil.rmtree(folder)


@_FEW
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    _read(data, data)


@_FEW
@given(st.data())
def test_any_token_anywhere(data: st.DataObject) -> None:
    site = data.draw(st.booleans())
    text = SITE if site else MANDATE
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(_TOKENS) + text[at + cut :]
    _read(*((text.encode(), MANDATE.encode()) if site else (SITE.encode(), text.encode())))


@_FEW
@given(st.data())
def test_any_value_of_the_wrong_kind(data: st.DataObject) -> None:
    site = data.draw(st.booleans())
    lines = (SITE if site else MANDATE).splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    head, colon, _ = lines[at].partition(":")
    lines[at] = head + colon + " " + data.draw(st.sampled_from(_WRONG))
    text = "\n".join(lines)
    _read(*((text.encode(), MANDATE.encode()) if site else (SITE.encode(), text.encode())))
