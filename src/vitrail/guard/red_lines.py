"""The red lines of law.md as data: what must not be found, where it is looked for, and why.

Each ban names its line (``R1`` to ``R11``, or ``L33`` for what calls home) and one scan. ``guard/absence.py`` looks.
"""

__all__ = ["BANS", "RED_LINES", "Ban", "Scan"]

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Scan(StrEnum):
    """What is looked at."""

    DEPENDENCY = "dependency"
    """Names of installed packages."""
    IMPORT = "import"
    """What source files import, also by name at run time."""
    USE = "use"
    """Dotted names that source files use: ``cv2.CascadeClassifier``."""
    NAME = "name"
    """Names of functions and classes."""
    TEXT = "text"
    """Words that source files hold as text: statements to a database, commands to a device."""
    COLUMN = "column"
    """Columns of the databases."""
    MODEL = "model"
    """Labels, outputs and files of models; what analytics tell."""
    TRIGGER = "trigger"
    """Guards that the databases must have."""


RED_LINES: Mapping[str, str] = {
    "R1": "recognising faces, or comparing them",
    "R2": "biometric templates, gait or voice prints, re-identification, lasting ids of people",
    "R3": "traits of people; embeddings of people",
    "R4": "reading number plates",
    "R5": "risk scores or predictions about individuals",
    "R6": "speech recognition, keyword spotting, storing or streaming sound of public places",
    "R7": "sound that steers or selects a camera",
    "R8": "links to identity, police, plate, telecom or social data; watch-lists",
    "R9": "automatic action on people: fines, loudspeakers, barriers, drones, cameras that follow",
    "R10": "dormant capability behind a flag; silent updates of models",
    "R11": "consent by silence, longer retention without a decision, erasing the ledger, overriding a suspension",
    "L33": "anything that calls home",
}


@dataclass(frozen=True, slots=True)
class Ban:
    """``pattern`` is searched in what ``scan`` looks at, in files whose path ``within`` is found in (all when None)."""

    line: str
    scan: Scan
    pattern: re.Pattern[str]
    reason: str
    within: re.Pattern[str] | None = None


def _ban(line: str, scan: Scan, pattern: str, reason: str, within: str = "") -> Ban:
    inside = re.compile(within) if within else None
    return Ban(line, scan, re.compile(pattern, re.IGNORECASE), reason, inside)


_FACES = r"face[-_]?recog|insightface|deepface|arcface|face[-_]?net|(^|[-_])dlib|retinaface|openface|compreface|mtcnn"
_BODIES = (
    r"re[-_]?id([-_.]|$)|torchreid|fastreid|person[-_]?search|gait|vein|iris[-_]?recog|biometr|deep[-_]?sort|botsort"
)
_TRAITS = r"(^|[-_])age[-_]|gender|emotion|(^|[-_])fer($|[-_.])|ethnic|hsemotion"
_PLATES = r"(^|[^a-z])alpr|anpr|openalpr|plate[-_]?recog|easyocr|(^|[-_])ocr|tesser|paddleocr|doctr"
_RISKS = r"recidiv|predpol|crime[-_]?predict|(^|[-_])risk[-_]?scor"
_SPEECH = (
    r"speech|whisper|vosk|pocketsphinx|deepgram|kaldi|keyword[-_]?spot|speaker|pyannote|voiceprint|resemblyzer"
    r"|(^|[-_])(pyaudio|sounddevice|webrtcvad)($|[-_.])"
)
_LINKS = (
    r"watch[-_]?list|sherlock|maigret|social[-_]?analy"
    r"|(^|[-_])(tweepy|instaloader|facebook|telethon|phonenumbers)($|[-_.])"
)
_ACTS = (
    r"^(?!vitrail\.).*onvif|(^|[-_])(dronekit|pymavlink|mavsdk|djitellopy|gpiozero|pyttsx\d?|gtts|minimalmodbus|pymodbus)($|[-_.])"
    r"|rpi[-_.]gpio|visca"
)
_FLAGS = r"launchdarkly|unleash|flagsmith|growthbook|feature[-_]?flag|(^|[-_])(waffle|gutter)($|[-_.])"
_CALLS_HOME = (
    r"sentry|posthog|mixpanel|segment[-_]?analytics|amplitude|opentelemetry[-_.]exporter|google[-_]analytics|scarf"
)

_PACKAGES = (
    ("R1", _FACES, "packages that recognise faces"),
    ("R2", _BODIES, "packages that tell people apart or find them again"),
    ("R3", _TRAITS, "packages that guess traits or moods"),
    ("R4", _PLATES, "packages that read plates or text in pictures"),
    ("R5", _RISKS, "packages that score or predict people"),
    ("R6", _SPEECH, "packages that understand speech or take a microphone"),
    ("R8", _LINKS, "packages that look people up"),
    ("R9", _ACTS, "packages that move cameras, fly drones, speak or switch things"),
    ("R10", _FLAGS, "packages that switch features on from afar"),
    ("L33", _CALLS_HOME, "packages that report to somebody"),
    ("L33", r"^openvino[-_]telemetry", "reports each import of OpenVINO; blocked here, better uninstall it"),
)

_IDENTITY = (
    ("R1", r"face", "nothing of a face is kept"),
    ("R2", r"person|people|gait|voice|biometr|template|descriptor|ident|track", "no lasting id of a person"),
    ("R3", r"embedding|vector|gender|sex|(^|_)age(_|$)|ethnic|origin|race|skin|cloth|emotion|mood|disab", "no trait"),
    ("R4", r"plate", "no number plate"),
    ("R5", r"risk|threat|suspect", "no judgement of a person"),
    ("R6", r"speech|waveform|audio|(^|_)pcm(_|$)", "no sound"),
    (
        "R8",
        r"phone|imei|mac_|watch.?list|name_of|first_name|last_name|birth|passport|licen[cs]e",
        "no link to who somebody is",
    ),
)

_NAMED = (
    ("R1", r"recogni[sz]e_?face|match_?faces?|compare_?faces?|face_?(embedding|match|recogn)"),
    ("R2", r"recogni[sz]e_?(person|people)|identify_?(person|people|face)|reident|link_?(people|persons)|gait_"),
    (
        "R3",
        r"(person|people)_?embedding|embed_?(person|people)|(estimate|guess|classify)_?(age|gender|emotion|mood|skin)",
    ),
    ("R4", r"(recogni[sz]e|read|decode)_?plates?|number_?plate"),
    ("R5", r"risk_?score|score_?(person|people)|predict_?(offen[cs]e|crime|behaviou?r)"),
    ("R6", r"transcri(be|pt)_?(speech|audio|sound)|spot_?keywords?|recogni[sz]e_?speech|record_?sound"),
    ("R7", r"(turn|steer|select|point|wake)_?(a_?|the_?)?cameras?_?(to|by|from|for)_?(a_?|the_?)?sound"),
    ("R8", r"watch_?list|look_?up_?(person|people|identity|plate|phone)|police_?(file|database)"),
    (
        "R9",
        r"follow_?(person|people)|issue_?fine|(open|close)_?barrier|(launch|fly|send)_?drone|sound_?loudspeaker|ptz",
    ),
    ("R10", r"feature_?flag|enable_?(hidden|experimental|dormant)|auto_?update_?models?"),
    (
        "R11",
        r"(override|ignore|overrule)_?suspension|(extend|prolong)_?retention|implied_?consent|consent_?by_?silence"
        r"|(erase|truncate|wipe)_?(the_?)?ledger",
    ),
)

_SAID = (
    ("R1", r"^(face|facial|head|visage|arcface|cosface|sphereface|mobileface)"),
    ("R2", r"^(id|re ?id|gait|iris|finger|voice|speaker|biometric|(person|people|pedestrian|body) (id|recog|templ))"),
    ("R4", r"plate|plaque|anpr|alpr|lpr"),
    ("R3", r"."),
)
"""What ``domain.models.identity_words`` has found, by line; the first that fits."""

BANS: tuple[Ban, ...] = (
    *(_ban(line, scan, pattern, why) for line, pattern, why in _PACKAGES for scan in (Scan.DEPENDENCY, Scan.IMPORT)),
    *(_ban(line, Scan.COLUMN, pattern, why) for line, pattern, why in _IDENTITY),
    *(_ban(line, Scan.NAME, pattern, RED_LINES[line]) for line, pattern in _NAMED),
    *(_ban(line, Scan.MODEL, pattern, "a model or analytic that says so is refused (L20)") for line, pattern in _SAID),
    _ban(
        "R1",
        Scan.USE,
        r"^cv2\.(face|FaceRecognizer\w*|FaceDetector\w*|CascadeClassifier)\b",
        "OpenCV ships recognisers of faces; none is called",
    ),
    _ban(
        "R1",
        Scan.IMPORT,
        r"^vitrail\.(ports\.heads|adapters\.openvino\.heads)(\.|$)|^vitrail\.adapters\.openvino\.load_heads$",
        "heads are found only to mask them: nothing but what makes masks may ask where they are",
        r"^(?!vitrail/(guard/(render|projector|sights|reception|glance)\.py|compose/rooms\.py|adapters/openvino/(__init__|heads)\.py)$)",
    ),
    _ban("R4", Scan.USE, r"^cv2\.(text|dnn_Text\w*|wechat_qrcode)\b", "OpenCV ships readers of text; none is called"),
    _ban(
        "R6",
        Scan.USE,
        r"^(wave|sunau|aifc)\.open\b|^scipy\.io\.wavfile\.write\b|^av\.AudioFrame\b",
        "no sound is written",
    ),
    _ban(
        "R7",
        Scan.IMPORT,
        r"^vitrail\.(ports\.(source|film|archive)|guard\.(intake|live)|runtime\.stream_loop|adapters\.av)(\.|$)",
        "what hears opens no camera",
        r"(^|/)(sound|sounds|audio|acoustics?|hearing)(/|\.|_)",
    ),
    _ban(
        "R7",
        Scan.IMPORT,
        r"^vitrail\.(\w+\.)*(sounds?|audio|acoustics?|hearing)(\.|$)",
        "what opens cameras hears nothing",
        r"^vitrail/(adapters/av/|guard/(intake|live|gatekeeper)\.py|runtime/stream_loop\.py|ports/source\.py)",
    ),
    _ban(
        "R9",
        Scan.TEXT,
        r"\b(Continuous|Absolute|Relative)Move\b|\bGotoPreset\b|onvif\.org/ver\d+/ptz",
        "no command that moves a camera",
    ),
    _ban(
        "R10",
        Scan.USE,
        r"^os\.(env\w+|get_?env)\b",
        "no setting outside the published configuration changes what is decided or analysed",
        r"^vitrail/(domain|guard|analytics|pipeline)/",
    ),
    _ban(
        "R10",
        Scan.IMPORT,
        r"^(urllib\.request|http\.client|requests|httpx|socket|ftplib|vitrail\.adapters\.registry)(\.|$)",
        "what loads a model cannot fetch one: only the command that says so does",
        r"^vitrail/(adapters/openvino|domain|guard|analytics|pipeline)/",
    ),
    _ban(
        "R11",
        Scan.TEXT,
        r"\b(DELETE\s+FROM|UPDATE|DROP\s+TABLE(\s+IF\s+EXISTS)?)\s+\"?(entry|checkpoint)\b|\bDROP\s+TRIGGER\b.*\b(entry|checkpoint)_",
        "no statement takes anything out of the ledger",
    ),
    _ban("R11", Scan.TRIGGER, r"^(entry|checkpoint)$", "the ledger's own triggers refuse change and erasure"),
)
