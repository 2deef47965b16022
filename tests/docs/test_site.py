"""The handbook as a site: every page has its place, every link leads somewhere, and nothing comes from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def test_the_handbook_is_a_site_that_asks_no_other_server(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(tmp_path)]
    environ = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(words, cwd=_ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = sorted(tmp_path.rglob("*.html"))
    assert {page.stem for page in _ROOT.glob("docs/*.md")} <= {page.stem for page in pages}
    front = (tmp_path / "index.html").read_text(encoding="utf-8")
    for name in (page.name for page in _ROOT.glob("docs/*.md")):
        place = rf'href="{name.replace(".md", ".html")}" class="md-nav__link'
        assert name == "index.md" or place in front, f"{name} has no place in mkdocs.yml"
    for page in pages:
        fetched = re.findall(r'<(?:script|img|link)[^>]+(?:src|href)="(https?:[^"]+)', page.read_text(encoding="utf-8"))
        assert not fetched, f"{page.name} fetches {fetched}"
