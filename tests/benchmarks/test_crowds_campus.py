"""The annotated people of the crowds' benchmark may be missing, empty or otherwise written: that is said aloud."""

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path[:0] = [str(BENCHMARKS), str(BENCHMARKS / "behaviour")]

from crowds import campus  # noqa: E402 - on no path before

HEAD = "frame_30fps,track_id,xmin,ymin,xmax,ymax,occluded\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "annotates 0 moments"),
        (HEAD, "annotates 0 moments"),
        ("a,b\n1,2\n", "KeyError"),
        (HEAD + "0,1,x,2,3,4,0\n", "ValueError"),
        (HEAD + "0,1,10,0,30,1080,0\n6,1,10,0,30,1080,0\n", "ground cannot be told"),
    ],
)
def test_a_view_that_does_not_fit_is_left_out_aloud(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (tmp_path / "view-A.csv").write_text(text, encoding="utf-8")
    assert campus(tmp_path) == {}
    assert said in capsys.readouterr().out


def test_without_views_ordinary_people_are_left_out(tmp_path: Path) -> None:
    assert campus(tmp_path) == {}
