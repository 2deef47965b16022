"""Nothing calls home (law.md L33)."""

import re
import subprocess
import sys
from pathlib import Path

INTERFACES_ONLY = {"opentelemetry-api"}
"""FastAPI's interface for traces: without an SDK, which is not installed, it sends nothing anywhere."""

ROOT = Path(__file__).resolve().parents[1]

_IMPORT_BOTH = """
import sys
import vitrail
import openvino
from openvino.tools import ovc
loaded = sorted(name for name in sys.modules if name.startswith("openvino_telemetry") and sys.modules[name])
print(loaded, type(ovc.telemetry).__module__)
"""


def test_openvino_cannot_report_its_own_import() -> None:
    done = subprocess.run([sys.executable, "-c", _IMPORT_BOTH], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[] openvino.tools.ovc.telemetry_stub"


def test_lock_files_install_no_statistics_package() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert re.search(r"^openvino==", text, re.MULTILINE), f"{name} locks nothing of what is looked for"
        reporting = re.findall(r"^([a-z0-9-]*(?:telemetry|analytics|sentry|posthog)[a-z0-9-]*)==", text, re.MULTILINE)
        assert set(reporting) <= INTERFACES_ONLY, reporting
