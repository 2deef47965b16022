"""Cases, requests and the emergency account from the command line, each command by the person whose it is."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests import builders as b
from vitrail import compose
from vitrail.cli.app import app
from vitrail.domain.errors import NotFound
from vitrail.domain.people import Role

ENVIRON = {"CAM_USER": "a", "CAM_PASSWORD": "b"}
PASSWORD = "correct horse battery"
SPAN = ("--from", "2026-11-23T14:00", "--to", "2026-11-23T15:00")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with one account of each role, and a sealed one."""
    site = tmp_path_factory.mktemp("cases") / "town"
    runner = CliRunner(env=ENVIRON)
    assert runner.invoke(app, ["init", str(site)]).exit_code == 0
    text = (site / "site.yaml").read_text(encoding="utf-8")
    (site / "site.yaml").write_text(text.replace('reviewed_by: ""', "reviewed_by: A. Surveyor"), encoding="utf-8")
    for mandate in (site / "mandates").glob("*.yaml"):
        mandate.unlink()
    with compose.reading(site, site / ".vitrail", ENVIRON) as desks:
        assert desks.accounts.first_run(desks.site)
        everywhere = frozenset(c.id for c in desks.site.cameras)
        for role in Role:
            account = b.account(id=role.value, name=role.value, role=role, trained_until_us=2**60, territory=everywhere)
            desks.accounts.add(account, PASSWORD, by="first", reason="tests")
    return site


def camera(site: Path) -> str:
    with compose.reading(site, site / ".vitrail", ENVIRON) as desks:
        return desks.site.cameras[0].id


def run(site: Path, who: str, *words: str, reason: str | None = "a test asks") -> Result:
    said = ["--as", who, "--password", PASSWORD, "--site", str(site)]
    said += ["--reason", reason] if reason else []
    return CliRunner(env={"COLUMNS": "250", **ENVIRON}).invoke(app, [*words, *said])


def good(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def opened(site: Path) -> str:
    words = ("case", "open", "--reference", "PV 1/26", "--legal-basis", "requisition", "--camera", camera(site))
    found = re.search(r"case (\S+) is open", good(run(site, "investigator", *words, *SPAN)))
    assert found
    return found[1]


def test_a_case_from_its_opening_to_its_end(town: Path) -> None:
    case, here = opened(town), camera(town)
    assert "PV 1/26" in good(run(town, "officer", "case", "list"))
    kept = good(run(town, "investigator", "case", "hold", case, "--camera", here, *SPAN, "--until", "2027-01-10T00:00"))
    asked = ("case", "unmask", case, "--camera", here, "--from", "2026-11-23T14:07", "--box", "0.4,0.3,0.6,0.7")
    unmasking = re.search(r"unmasking (\S+) waits", good(run(town, "investigator", *asked)))
    hold = re.search(r"hold (\S+):", kept)
    assert unmasking and hold
    assert run(town, "investigator", "case", "second", unmasking[1]).exit_code != 0
    assert "granted until" in good(run(town, "officer", "case", "second", unmasking[1]))
    shown = good(run(town, "investigator", "case", "show", case))
    assert hold[1] in shown and "granted" in shown
    film = run(town, "investigator", "case", "film", case, unmasking[1], str(town / "copy.mp4"))
    assert film.exit_code != 0 and "nothing is recorded" in str(film.exception)
    good(run(town, "investigator", "case", "release", hold[1]))
    assert "closed" in good(run(town, "officer", "case", "close", case))
    assert run(town, "investigator", "case", "hold", case, "--camera", here, *SPAN, "--until", "2027-01-01").exit_code


def test_a_case_is_handed_over_once_two_people_agree(town: Path) -> None:
    case, here, out = opened(town), camera(town), str(town / "handed.zip")
    part = ("--part", f"{here},2026-11-23T14:00,2026-11-23T14:10")
    words = ("case", "bundle", case, out, "--for", "Public prosecutor", *part)
    asked = re.search(r"bundle (\S+) waits", good(run(town, "investigator", *words, "--originals")))
    assert asked
    early = run(town, "investigator", "case", "take", case, asked[1], out)
    assert early.exit_code != 0 and "no second person" in str(early.exception)
    assert "granted" in good(run(town, "officer", "case", "agree", asked[1]))
    late = run(town, "investigator", "case", "take", case, asked[1], out)
    assert late.exit_code != 0 and "nothing of this footage" in str(late.exception)
    assert run(town, "investigator", *words[:4], "--for", "me", "--part", "noon").exit_code != 0
    assert not Path(out).exists()


def test_a_link_for_the_recipient_from_asking_to_taking_back(town: Path) -> None:
    case, here = opened(town), camera(town)
    words = ("case", "bundle", case, str(town / "linked.zip"), "--for", "Public prosecutor")
    part = ("--part", f"{here},2026-11-23T14:00,2026-11-23T14:10", "--originals")
    asked = re.search(r"bundle (\S+) waits", good(run(town, "investigator", *words, *part)))
    assert asked
    unmade = run(town, "investigator", "case", "link", "ask", asked[1])
    assert unmade.exit_code != 0 and "only a finished bundle" in str(unmade.exception)
    good(run(town, "officer", "case", "agree", asked[1]))
    finished(town, asked[1])
    said = good(run(town, "investigator", "case", "link", "ask", asked[1], "--console", "https://watch.town.fr/"))
    told = re.search(r"link (\S+) waits[^\n]*\nhttps://watch.town.fr/shared/(\S+)", said)
    assert told
    link, token = told[1], told[2]
    assert "waits" in good(run(town, "officer", "case", "link", "list", case))
    assert opens(town, token) is None
    mine = run(town, "investigator", "case", "link", "answer", link)
    assert mine.exit_code != 0 and "who asks does not answer" in str(mine.exception)
    good(run(town, "officer", "case", "link", "answer", link))
    assert opens(town, token) == asked[1]
    assert "1 of 3" in good(run(town, "investigator", "case", "link", "list", case))
    assert "after 1 downloads" in good(run(town, "officer", "case", "link", "revoke", link))
    assert opens(town, token) is None
    assert "taken back" in good(run(town, "investigator", "case", "link", "list", case))


def finished(site: Path, bundle_id: str) -> None:
    """As if it had been made: making one needs recordings and models."""
    with compose.reading(site, site / ".vitrail", ENVIRON) as desks:
        made = replace(desks.records.bundles.get(bundle_id), made_us=desks.now_us(), sha256="ab" * 32, size_bytes=2)
        desks.records.bundles.put(made)
    (site / ".vitrail" / "bundles" / f"{bundle_id}.zip").write_bytes(b"PK")


def opens(site: Path, token: str) -> str | None:
    with compose.reading(site, site / ".vitrail", ENVIRON) as desks:
        try:
            return desks.sharing.take(token)[0].id
        except NotFound:
            return None


def test_the_verifier_is_printed_and_names_what_is_no_bundle(town: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    assert "def frame_problems" in runner.invoke(app, ["bundle", "verifier"]).output
    (tmp_path / "x.zip").write_bytes(b"PK nothing")
    assert runner.invoke(app, ["bundle", "verify", str(tmp_path / "x.zip")]).exit_code == 2


def test_people_are_assigned_and_a_case_is_widened(town: Path) -> None:
    case = opened(town)
    refused = run(town, "investigator", "case", "assign", case, "operator")
    assert refused.exit_code != 0 and "opens no case" in str(refused.exception)
    later = ("--from", "2026-11-23T13:00", "--to", "2026-11-23T16:00")
    assert "T12:00" in good(run(town, "investigator", "case", "widen", case, "--camera", camera(town), *later))


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "2026-11-23T15:00", "--to", "2026-11-23T14:00"),
        ("--from", "noon", "--to", "2026-11-23T14:00"),
    ],
)
def test_bad_spans_are_told(town: Path, words: tuple[str, ...]) -> None:
    asked = ("case", "open", "--reference", "PV 1/26", "--legal-basis", "law", "--camera", camera(town))
    assert run(town, "investigator", *asked, *words).exit_code != 0


def test_a_request_from_the_day_it_came_to_its_answer(town: Path) -> None:
    words = ("rights", "receive", "access", "--words", "I was there", "--contact", "anna@example.org")
    where = ("--camera", camera(town), "--from", "2026-11-23T14:00", "--minutes", "5")
    made = good(run(town, "officer", *words, *where, reason=None))
    request = re.search(r"request (\S+) is due", made)
    assert request and "case" in made
    assert request[1] in good(run(town, "auditor", "rights", "list"))
    answer = ("rights", "answer", request[1], "refused", "--words", "nothing is left")
    assert run(town, "officer", *answer, reason=None).exit_code != 0
    good(run(town, "officer", *answer, "--grounds", "nothing-recorded", reason=None))


def test_an_emergency_account_is_sealed_used_and_looked_into(town: Path) -> None:
    words = ("account", "add", "glass", "--name", "Envelope", "--role", "operator", "--emergency")
    made = CliRunner(env={"COLUMNS": "200", **ENVIRON}).invoke(
        app,
        [*words, "--as", "administrator", "--password", PASSWORD, "--reason", "for the night", "--site", str(town)],
    )
    password = re.search(r"password  (\S+)", good(made))
    assert password
    with compose.reading(town, town / ".vitrail", ENVIRON) as desks:
        desks.sign_in("glass", password[1], "smoke on the square")
    review = ("account", "review", "glass", "--words", "there was smoke indeed")
    assert run(town, "auditor", *review, reason=None).exit_code != 0
    good(run(town, "officer", *review, reason=None))


def test_what_changed_is_asked_inside_a_case_and_says_when_nothing_is_recorded(town: Path) -> None:
    case = opened(town)
    words = ("changed", "--camera", camera(town), "--case", case, "--box", "0.1,0.1,0.5,0.5", *SPAN)
    assert "nothing is recorded of camera" in str(run(town, "investigator", *words).exception)
    badly = ("changed", "--camera", camera(town), "--case", case, "--box", "0.1,0.1", *SPAN)
    assert "a box is four numbers" in str(run(town, "investigator", *badly).exception)
    assert "may not inquire" in str(run(town, "technician", *words).exception)
