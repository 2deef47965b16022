"""The first inferences of several threads may fall together."""

import subprocess
import sys

_TOGETHER = """
import sys, threading
import vitrail.adapters.openvino
import numpy as np, openvino as ov

sys.setswitchinterval(1e-6)
meet = threading.Barrier(3)

def first():
    meet.wait()
    ov.Tensor(np.zeros(1, ov.Type.f32.to_dtype()))

threads = [threading.Thread(target=first, daemon=True) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_threads_whose_first_inference_falls_together_all_go_on() -> None:
    for _ in range(5):  # without what the package does at its import, two of three such processes hang
        subprocess.run([sys.executable, "-c", _TOGETHER], check=True, timeout=60)
