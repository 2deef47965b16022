"""Wrong ``mandates/*.yaml``, one row for each kind (L01, L03, L04, L15)."""

from tests.adapters.sitefolder.conftest import Folder
from tests.adapters.sitefolder.rows import Row, must_be_told, named


def _mandate(name: str, old: str, new: str, key: str, what: str, remedy: str = "", at: str = "") -> Row:
    return Row(name, old, new, key, what, remedy, at, "mandates/edge.yaml")


MANDATES = [
    _mandate("unknown key", "supplier:", "suplier: x\nsupplier:", "suplier", "unknown key", "`supplier`?"),
    _mandate("no supplier", "supplier: Port authority itself\n", "", "", "`supplier` is missing", "L01", at="id: edge"),
    _mandate("no cost", "cost: 4000 EUR a year\n", "", "", "`cost` is missing", "What it costs", at="id: edge"),
    _mandate("no decision", "  body: Council\n", "", "decision", "`body` is missing", "Who decided", at="decision:"),
    _mandate("no decision at all", "decision:\n", "decision: none\nx:\n", "decision", "must be a mapping, not `none`"),
    _mandate("number without quotes", '"2026-114"', "2026", "decision.number", "must be text, in quotes"),
    _mandate("no web address", "https://port.example/2026-114", "on request", "decision.url", "no web address (L01)"),
    _mandate(
        "other document",
        "document: 2026-114.pdf",
        "document: 2026-115.pdf",
        "decision.document",
        "cannot be read: No such file",
    ),
    _mandate(
        "document outside",
        "document: 2026-114.pdf",
        "document: ../../../etc/passwd",
        "decision.document",
        "outside the site folder",
    ),
    _mandate("document is a folder", "document: 2026-114.pdf", "document: .", "decision.document", "cannot be read"),
    _mandate("digest too short", "  sha256: ", "  sha256: 00", "decision.sha256", "64 hexadecimal digits", ""),
    _mandate("wrong mode", "mode: lab", "mode: live", "mode", "must be 'lab', 'statistics', 'alert' or"),
    _mandate("end before start", "end: 2027-05-01T08:00", "end: 2026-05-01", "end", "does not come after"),
    _mandate("end at start", "end: 2027-05-01T08:00", "end: 2026-11-01T00:00", "end", "does not come after"),
    _mandate("impossible day", "end: 2027-05-01T08:00", "end: 2027-02-30", "end", "the calendar has no"),
    _mandate("moment in words", "end: 2027-05-01T08:00", "end: next year", "end", "a date YYYY-MM-DD or"),
    _mandate("decided afterwards", "date: 2026-10-01", "date: 2026-12-01", "decision.date", "after the mandate"),
    _mandate(
        "reviewed beforehand",
        "review: 2027-02-01",
        "review: 2026-02-01",
        "purposes[0].review",
        "before the mandate starts",
    ),
    _mandate(
        "kept too long",
        "retention_hours: 48",
        "retention_hours: 721",
        "retention_hours",
        "721 hours is too long (L15)",
        "at most 720",
    ),
    _mandate("kept not at all", "retention_hours: 48", "retention_hours: 0", "retention_hours", "greater than 0"),
    _mandate(
        "unknown camera",
        "camera: quay, analytic: dwell",
        "camera: quai, analytic: dwell",
        "matrix[1].camera",
        "unknown camera `quai`",
        "`quay`?",
    ),
    _mandate("unknown analytic", "analytic: dwell", "analytic: gait", "matrix[1].analytic", "unknown analytic"),
    _mandate(
        "unknown purpose",
        "analytic: dwell, purpose: edge",
        "analytic: dwell, purpose: order",
        "matrix[1].purpose",
        "unknown purpose",
    ),
    _mandate("listed twice", "analytic: dwell", "analytic: presence", "matrix[1]", "listed twice"),
    _mandate(
        "recording an unknown camera", "recording: [quay]", "recording: [roof]", "recording[0]", "unknown camera `roof`"
    ),
    _mandate("recording all", "recording: [quay]", "recording: all", "recording", "wildcard", "one entry for"),
    _mandate("recording star", "recording: [quay]", 'recording: ["*"]', "recording[0]", "wildcard"),
    _mandate(
        "every camera",
        "camera: quay, analytic: dwell",
        "camera: all, analytic: dwell",
        "matrix[1].camera",
        "`all` is a wildcard: each one is named (L04)",
    ),
    _mandate("every analytic", "analytic: dwell", 'analytic: "*"', "matrix[1].analytic", "(L04)"),
    _mandate(
        "every purpose", "analytic: dwell, purpose: edge", "analytic: dwell, purpose: any", "matrix[1].purpose", "(L04)"
    ),
    _mandate("cameras instead of matrix", "matrix:", "cameras: all\nmatrix:", "cameras", "unknown key"),
    _mandate("no purpose", "purposes:\n", "purposes: []\nold:\n", "purposes", "at least 1 item"),
    _mandate("no matrix", "matrix:\n", "matrix: []\nold:\n", "matrix", "at least 1 item"),
    _mandate(
        "two purposes of one id",
        "matrix:\n",
        "  - {id: edge, objective: rescue, harm: Swimmers drown in summer, "
        "success: Help comes within five minutes, review: 2027-02-01}\nmatrix:\n",
        "purposes[1].id",
        "declared twice",
    ),
    _mandate(
        "objective an analytic must not serve",
        "objective: safety_of_closed_places",
        "objective: traffic_planning",
        "matrix[0].purpose",
        "`presence` must not serve `traffic_planning` (L03)",
        "may serve: rescue, safety_of_closed_places",
        at="analytic: presence",
    ),
    _mandate("hours of no length", 'to: "08:00"', 'to: "20:00"', "hours", "the same minute"),
]


@named(MANDATES)
def test_what_makes_no_mandate_is_told(folder: Folder, row: Row) -> None:
    must_be_told(folder, row)
