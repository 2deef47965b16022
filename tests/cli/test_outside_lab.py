"""The whole lawful way outside lab: mandate, assessment, validation, register; only then is a source opened."""

import threading
from pathlib import Path

import pytest

from tests.cli.test_assessment import argued, assess
from tests.cli.test_closed_gate import opened
from tests.cli.test_mandates import answered, site
from tests.media import made_video
from tests.models import detector_model, model_cache
from vitrail import compose
from vitrail.domain.errors import Refused

__all__ = ["opened", "site"]

ENVIRON = {"CAM_USER": "a", "CAM_PASSWORD": "b"}


def analyse(site: Path, video: Path, state: Path) -> None:
    with compose.analysis(video, site, None, state, model_cache(), ENVIRON) as analysis:
        for _ in analysis.steps(0, threading.Event()):
            pass


def publish(site: Path, state: Path) -> None:
    with compose.publishing(site, state, ENVIRON) as publishing:
        publishing.build(site.parent / "public", "a@b.example", "https://b.example", lambda _: None)


def refusal(site: Path, video: Path, state: Path) -> Refused:
    with pytest.raises(Refused) as caught:
        analyse(site, video, state)
    return caught.value


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_video(tmp_path_factory.mktemp("lawful") / "yard.mp4", seconds=1)


@pytest.fixture
def counted(site: Path) -> Path:
    """A site that counts people in a place, under a mandate outside lab."""
    text = (site / "site.yaml").read_text(encoding="utf-8").partition("      - analytic: dwell")[0]
    text = text.replace("analytic: presence", "analytic: occupancy").replace("# max_people", "max_people")
    (site / "site.yaml").write_text(text.replace('hours: {from: "22:00", to: "06:00"}', ""), encoding="utf-8")
    said = {
        "matrix__entrance__occupancy__trial": "yes",
        "purposes__trial__objective": "crowd_safety",
        "arguments__occupancy__necessity": "Nobody sees the whole place",
        "arguments__occupancy__alternative": "A person at the gate",
        "arguments__occupancy__why_not": "Tried in 2024; nobody stayed through the night",
        "arguments__occupancy__expected_rate": "no alerts; 1 count a minute",
        "arguments__occupancy__failure_modes": "Umbrellas",
    }
    assert answered(site, **said).exit_code == 0
    return site


def test_each_step_is_needed_and_together_they_open_the_source(
    counted: Path, video: Path, tmp_path: Path, opened: list[str]
) -> None:
    detector_model()
    state = tmp_path / "state"
    assert "there is no impact assessment" in refusal(counted, video, state).what
    assess(counted, "import", str(argued(counted)))
    assert "nobody validated" in refusal(counted, video, state).what
    assert assess(counted, "validate", "--by", "B. Mayor").exit_code == 0
    assert refusal(counted, video, state).rule == "L26"
    publish(counted, state)
    assert opened == []
    analyse(counted, video, state)
    assert opened == ["entrance.main"]


def test_a_mandate_widened_under_its_old_decision_opens_nothing(
    counted: Path, video: Path, tmp_path: Path, opened: list[str]
) -> None:
    """Also when it is assessed and published as it is now."""
    detector_model()
    state = tmp_path / "state"
    assess(counted, "import", str(argued(counted)))
    assess(counted, "validate", "--by", "B. Mayor")
    publish(counted, state)
    analyse(counted, video, state)
    path = counted / "mandates" / "night.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('recipients: ["fire brigade", "police"]', 'recipients: ["fire brigade", "press"]'))
    assess(counted, "import", str(argued(counted)))
    assert assess(counted, "validate", "--by", "B. Mayor").exit_code == 0
    publish(counted, state)
    refused = refusal(counted, video, state)
    assert refused.rule == "L01"
    assert "new recipient press" in refused.what
    assert opened == ["entrance.main"]
