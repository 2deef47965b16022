"""The page of figures: for those who account, in both languages, with its numbers to take away."""

from tests.console.desk import Console


def test_an_officer_sees_the_alert_in_every_picture_and_the_ledger_says_that_they_looked(console: Console) -> None:
    page = console.browser("officer").get("/figures")
    assert page.status_code == 200
    assert "gate" in page.text
    assert "not enough verdicts" in page.text
    assert page.text.count("heat-4") == 1
    assert "consult done followup" in console.world.said()


def test_the_numbers_come_along(console: Console) -> None:
    client = console.browser("auditor")
    answer = client.get("/figures/days.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.startswith("day,alerts,confirmed,dismissed,unhandled,minutes\n")
    assert client.get("/figures/secrets.csv").status_code == 404


def test_an_operator_does_not_see_what_colleagues_did(console: Console) -> None:
    client = console.browser("operator")
    assert client.get("/figures").status_code == 403
    assert client.get("/figures/days.csv").status_code == 403
    assert "/figures" not in client.get("/").text


def test_in_french(console: Console) -> None:
    text = console.browser("officer", **{"accept-language": "fr"}).get("/figures").text
    assert "Quand viennent les alertes" in text
    assert "lun." in text
