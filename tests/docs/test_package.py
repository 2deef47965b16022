"""`pip install .` brings everything that the code reads beside itself."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CARRIED = {
    ".yaml",
    ".txt",
    ".md",
    ".sql",
    ".html",
    ".css",
    ".js",
    ".svg",
    ".po",
    ".json",
    ".woff2",
    ".typed",
    ".py",
    ".npz",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing is left in the working tree."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    out = source / "out"
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run(
        [*command, "-w", str(out), str(source)], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    (built,) = out.glob("vitrail-*.whl")
    return built


def test_every_file_beside_the_code_is_in_the_wheel(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in (source / "vitrail").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {Path(name).suffix for name in wanted} <= CARRIED
    assert wanted - packed == set()


def test_an_installed_package_reads_its_own_data(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path)
    script = (
        "from pathlib import Path; import sys; import vitrail;"
        "from vitrail.adapters.sitefolder import profile_ids, read_profile, write_site;"
        "assert Path(vitrail.__file__).is_relative_to(sys.argv[1]), vitrail.__file__;"
        "print(len([read_profile(i) for i in profile_ids()]), len(write_site(Path(sys.argv[1]) / 'site', 10**15)))"
    )
    environ = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert done.stdout.split() == ["3", "6"], done.stderr


def test_the_wheel_carries_licence_and_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        points = next(packed.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "vitrail = vitrail.cli:main" in points
