"""Motion drawn as a picture: how things move, never how they look."""

import ast
from pathlib import Path

import numpy as np
import numpy.typing as npt

import vitrail
from vitrail.domain.stirs import FlowPicture, freed

ROOT = Path(vitrail.__file__).parent
Flow = npt.NDArray[np.float32]


def flow(across: float, down: float = 0.0) -> Flow:
    """A part that moves in the middle of what stands still."""
    field = np.zeros((60, 80, 2), np.float32)
    field[20:40, 30:50] = across, down
    return field


def test_what_stands_still_is_black_and_what_moves_is_not() -> None:
    drawn = FlowPicture.of(flow(1.0), flow(1.0)).drawn
    assert drawn.shape == (80, 80, 3)
    assert not drawn[:20].any() and not drawn[60:].any()
    assert (drawn[20:40, 30:50, 0] > 100).all()


def test_steady_motion_has_no_jerk_and_what_turns_round_has_little_that_lasts() -> None:
    steady, turned = (FlowPicture.of(flow(1.0), flow(before)).drawn[30, 40] for before in (1.0, -1.0))
    assert steady[1] == 0 and turned[1] > 200
    assert turned[2] == 0 and steady[2] > 100


def test_the_way_it_goes_cannot_be_told_and_fast_looks_like_slow() -> None:
    one = FlowPicture.of(flow(1.0), flow(1.0)).drawn
    assert (FlowPicture.of(flow(0.0, -1.0), flow(0.0, -1.0)).drawn == one).all()
    fast = FlowPicture.of(flow(20.0), flow(20.0)).drawn.astype(int)
    assert np.abs(fast - one).max() < 60


def test_a_motion_of_the_whole_picture_is_taken_out() -> None:
    pan = np.full((60, 80, 2), 3.0, np.float32)
    assert np.abs(freed(pan + flow(2.0)) - flow(2.0)).max() < 0.1


def test_motions_are_made_in_one_place_and_of_flow_alone() -> None:
    makers = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "") if isinstance(node, ast.Call) else ""
            if name == "FlowPicture" or (name == "replace" and "flowpicture" in ast.unparse(node).lower()):
                makers.add(path.relative_to(ROOT).as_posix())
    assert not makers, "FlowPicture.of makes it with cls, nobody else does"
    text = (ROOT / "domain" / "stirs.py").read_text(encoding="utf-8")
    assert "def of(cls, flow: Flow, before: Flow)" in text and "import Picture" not in text
    port = (ROOT / "ports" / "embedder.py").read_text(encoding="utf-8")
    assert "def stir(self, motions: Sequence[FlowPicture]) -> Stir" in port
