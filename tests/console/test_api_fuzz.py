"""The interface for programs, tried with what nobody thought of: made from its own description (schemathesis)."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.console.desk import Console
from vitrail.console import limits

_CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]


@pytest.mark.parametrize("who", ["operator", "auditor"])
def test_every_answer_is_one_that_the_description_knows(
    tmp_path: Path, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_BURST", 1e9)  # what is refused for its number tries nothing
    console = Console(tmp_path)
    try:
        browser = console.browser(who)
        proof = {
            "Cookie": f"vitrail_session={browser.cookies['vitrail_session']}",
            "X-CSRF-Token": console.csrf(browser),
        }
        api = schemathesis.openapi.from_asgi("/api/v1/openapi.json", console.app)
        tried = [_try(api, path, method, proof) for path, methods in api.items() for method in methods]
        assert len(tried) >= 3
    finally:
        console.close()


def _try(api: schemathesis.BaseSchema, path: str, method: str, proof: dict[str, str]) -> None:
    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=api[path][method].as_strategy())
    def attempt(case: Case) -> None:
        case.call_and_validate(headers=proof, checks=_CHECKS)

    attempt()
