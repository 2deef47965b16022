"""What a newcomer meets first: the make file, the setup, CI, the licence, the changelog."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_ci_runs_exactly_what_anybody_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [line for line in script.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "${BASH_SOURCE[0]}")/.."', "exec make test"]


def test_lock_files_hold_digests_and_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert not re.search(r"(^|\s)/\w+", text)
        pinned = re.split(r"\n(?=[a-z0-9])", text)[1:] if text.startswith("#") else re.split(r"\n(?=[a-z0-9])", text)
        assert len(pinned) > 30
        assert all("--hash=sha256:" in block for block in pinned), [b for b in pinned if "--hash" not in b]


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    run, dev = (
        {name.replace("_", "-").replace(".", "-") for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}
        for text in ((ROOT / f"requirements{kind}.lock").read_text(encoding="utf-8") for kind in ("", "-dev"))
    )
    wanted = {re.match(r"[\w.-]+", row).group().replace(".", "-") for row in project["dependencies"]}  # type: ignore[union-attr]
    extra = {re.match(r"[\w.-]+", row).group() for row in project["optional-dependencies"]["dev"]}  # type: ignore[union-attr]
    assert wanted <= run
    assert wanted | extra <= dev
    assert run <= dev


def test_the_licence_is_the_official_text() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\nEUPL © the European Union 2007, 2016")
    assert [f"\n{article}." in text for article in range(1, 16)] == [True] * 15
    assert "All other changes or additions to this Appendix require the production of a new EUPL version." in text


def test_the_changelog_knows_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_setup_without_a_fitting_python_says_which_one_is_needed(tmp_path: Path) -> None:
    for name in ("tools", "requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path / name)
    (tmp_path / "bin").mkdir()
    for tool in ("bash", "dirname", "cat", "sha256sum", "cut", "rm"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    old = tmp_path / "bin" / "python3"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    done = subprocess.run(
        [str(tmp_path / "bin" / "bash"), "tools/setup", "run"],
        cwd=tmp_path,
        env={"PATH": str(tmp_path / "bin")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Vitrail needs Python 3.11, 3.12 or 3.13" in done.stderr


def test_setup_without_ensurepip_says_what_to_install(tmp_path: Path) -> None:
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    python = tmp_path / "python-without-ensurepip"
    python.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.11.0\n[ "$1" = -m ] && echo \'ensurepip is not available\' '
        ">&2 && exit 1\nexit 0\n",
        encoding="utf-8",
    )
    python.chmod(0o755)
    done = subprocess.run(
        ["bash", "tools/setup", "run"],
        cwd=tmp_path,
        env={**os.environ, "PYTHON": str(python)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert not (tmp_path / ".venv").exists()
