"""What `vitrail init` and `vitrail demo` write."""

import json
from pathlib import Path

import pytest

from tests.adapters.sitefolder.conftest import MANIFESTS
from vitrail.adapters.sitefolder import STATE_FOLDER, Answers, read_site, write_site
from vitrail.domain.errors import Conflict, Invalid
from vitrail.domain.time import DAY_US, seconds

NOW_US = seconds(1_795_000_000)

ANSWERS = Answers(
    name='Le "Vieux" Port: nord',
    address="rtsp://${CAM_USER}:${CAM_PASSWORD}@192.0.2.10/stream1",
    reviewed_by="A. Martin",
    controller="Port authority, 1 quay",
    body="Port council",
    number="2026-114",
    url="https://port.example/2026-114",
    supplier="ourselves",
    cost="nothing",
)


def test_a_fresh_folder_asks_only_for_what_the_user_must_fill_in(tmp_path: Path) -> None:
    write_site(tmp_path, NOW_US)
    with pytest.raises(Invalid) as caught:
        read_site(tmp_path, {}, MANIFESTS)
    asked = {problem.key.split(" (")[0] for problem in caught.value.problems}
    assert asked == {
        "cameras[0].dwellings.reviewed_by",
        "cameras[0].streams[0].address",
        "controller",
        "decision.body",
        "decision.number",
        "decision.url",
        "supplier",
        "cost",
    }
    assert all(problem.remedy for problem in caught.value.problems)


def test_a_filled_in_folder_is_read_as_it_is(tmp_path: Path) -> None:
    write_site(tmp_path, NOW_US, ANSWERS)
    folder = read_site(tmp_path, {"CAM_USER": "u", "CAM_PASSWORD": "p"}, MANIFESTS)
    assert folder.site.name == 'Le "Vieux" Port: nord'
    assert folder.mandates[0].controller == "Port authority, 1 quay"
    assert folder.mandates[0].valid.holds(NOW_US)
    assert folder.mandates[0].cameras() == {"entrance"}


def test_personal_data_stay_out_of_git(tmp_path: Path) -> None:
    write_site(tmp_path, NOW_US)
    assert f"/{STATE_FOLDER}/" in (tmp_path / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_editors_find_the_schemas_where_the_files_say(tmp_path: Path) -> None:
    write_site(tmp_path, NOW_US)
    for file in ("site.yaml", "mandates/trial.yaml"):
        first = (tmp_path / file).read_text(encoding="utf-8").splitlines()[0]
        schema = (tmp_path / file).parent / first.split("$schema=")[1]
        assert json.loads(schema.read_text(encoding="utf-8"))["additionalProperties"] is False


def test_an_existing_site_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("id: mine\n", encoding="utf-8")
    with pytest.raises(Conflict):
        write_site(tmp_path, NOW_US)
    assert (tmp_path / "site.yaml").read_text(encoding="utf-8") == "id: mine\n"
    assert [path.name for path in tmp_path.iterdir()] == ["site.yaml"]


def test_a_mandate_lasts_a_year_from_the_day_before(tmp_path: Path) -> None:
    write_site(tmp_path, NOW_US, ANSWERS)
    valid = read_site(tmp_path, {"CAM_USER": "u", "CAM_PASSWORD": "p"}, MANIFESTS).mandates[0].valid
    assert valid.length_us // DAY_US == 366
    assert 0 < NOW_US - valid.start_us <= 2 * DAY_US
