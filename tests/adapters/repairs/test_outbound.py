"""Where requests may go: judged addresses only, and no way on from there."""

import pytest

from tests.adapters.repairs.conftest import Served
from vitrail.adapters.outbound import NoAnswer, NotSent, ask


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("https://127.0.0.1:9/", False),
        ("https://localhost:9/", False),
        ("https://[::1]:9/", False),
        ("https://10.0.0.1/", False),
        ("https://[::ffff:10.0.0.1]/", False),
        ("https://192.168.1.1/", False),
        ("https://100.64.0.1/", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("http://169.254.169.254/latest/meta-data", True),
        ("http://[fe80::1]/", True),
        ("http://0.0.0.0:9/", True),
        ("http://224.0.0.1/", True),
        ("http://1.1.1.1/", False),
        ("file:///etc/passwd", True),
        ("https:///nowhere", True),
    ],
)
def test_what_may_not_be_reached_gets_nothing(address: str, inside: bool) -> None:
    with pytest.raises(NotSent):
        ask("POST", address, inside=inside, body=b"x")


def test_a_host_on_the_own_network_is_reached_where_the_site_says_so(city: Served) -> None:
    address = f"http://127.0.0.1:{city.port}/v2/requests/1.json"
    assert ask("GET", address, inside=True).status == 200
    with pytest.raises(NotSent):
        ask("GET", address.replace("http:", "https:"), inside=False)


def test_redirects_are_not_followed(city: Served) -> None:
    city.mode("elsewhere")
    assert ask("POST", f"http://127.0.0.1:{city.port}/hook", inside=True, body=b"x").status == 307
    assert len(city.lines("came")) == 1


def test_a_request_that_left_without_an_answer_is_told_apart(city: Served) -> None:
    city.mode("deaf")
    with pytest.raises(NoAnswer):
        ask("POST", f"http://127.0.0.1:{city.port}/hook", inside=True, body=b"x")


def test_a_certificate_that_is_not_the_hosts_is_refused_before_anything_is_sent(city: Served) -> None:
    with pytest.raises(NotSent):
        ask("POST", f"https://127.0.0.1:{city.port}/hook", inside=True, body=b"x")
    assert city.lines("came") == []
