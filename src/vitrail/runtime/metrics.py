"""Counts for a monitoring system, in the Prometheus text format: streams, drops, chores. No personal data."""

__all__ = ["metrics_text"]

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from vitrail.domain.health import Ailment
from vitrail.runtime.health import HealthBoard, StreamHealth, StreamState
from vitrail.runtime.housekeeper import Housekeeper
from vitrail.runtime.inference import InferenceEngine

_LABELS = ["stream", "camera"]
_COUNTERS = {
    "packets": "Packets received",
    "frames_decoded": "Frames decoded",
    "frames_detected": "Frames given to the detector",
    "frames_dropped": "Frames that the detector should have seen and did not, because the machine was too busy",
    "bytes_recorded": "Bytes of recording written",
}


class _Board(Collector):
    def __init__(self, board: HealthBoard, engine: InferenceEngine | None, housekeeper: Housekeeper | None) -> None:
        self._board = board
        self._engine = engine
        self._housekeeper = housekeeper

    def collect(self) -> Iterator[Metric]:
        rows = self._board.rows()
        for name, meaning in _COUNTERS.items():
            family = CounterMetricFamily(f"vitrail_{name}", meaning, labels=_LABELS)
            for row in rows:
                family.add_metric([row.stream_id, row.camera_id], getattr(row.counters, name))
            yield family
        yield self._states(rows)
        yield self._behind(rows)
        yield self._mute(rows)
        yield self._ailments(rows)
        if self._engine is not None:
            yield CounterMetricFamily(
                "vitrail_inference_dropped",
                "Pictures dropped from the queue before the detector: the oldest goes first",
                value=self._engine.dropped,
            )
        if self._housekeeper is not None:
            yield GaugeMetricFamily(
                "vitrail_chores_failing", "Chores whose last run failed", value=len(self._housekeeper.problems)
            )

    @staticmethod
    def _behind(rows: list[StreamHealth]) -> GaugeMetricFamily:
        meaning = "Seconds that the analysis of a live stream lags behind the clock"
        family = GaugeMetricFamily("vitrail_behind_seconds", meaning, labels=_LABELS)
        for row in rows:
            family.add_metric([row.stream_id, row.camera_id], row.behind_s)
        return family

    @staticmethod
    def _mute(rows: list[StreamHealth]) -> GaugeMetricFamily:
        meaning = "1 while the sizes of a stream's packets say nothing, so that its key frames alone wake it"
        family = GaugeMetricFamily("vitrail_packets_mute", meaning, labels=_LABELS)
        for row in rows:
            family.add_metric([row.stream_id, row.camera_id], float(bool(row.mute)))
        return family

    @staticmethod
    def _ailments(rows: list[StreamHealth]) -> GaugeMetricFamily:
        meaning = "1 while the camera does not see what it is meant to see, by what is wrong"
        family = GaugeMetricFamily("vitrail_camera_ailment", meaning, labels=[*_LABELS, "ailment"])
        for row in rows:
            for ailment in Ailment:
                family.add_metric([row.stream_id, row.camera_id, ailment.value], float(ailment in row.ailments))
        return family

    @staticmethod
    def _states(rows: list[StreamHealth]) -> GaugeMetricFamily:
        family = GaugeMetricFamily("vitrail_stream_state", "1 for the present state", labels=[*_LABELS, "state"])
        for row in rows:
            for state in StreamState:
                family.add_metric([row.stream_id, row.camera_id, state.value], float(row.state == state))
        return family


def metrics_text(
    board: HealthBoard, engine: InferenceEngine | None = None, housekeeper: Housekeeper | None = None
) -> bytes:
    """The text exposition of everything counted, as UTF-8."""
    registry = CollectorRegistry()
    registry.register(_Board(board, engine, housekeeper))
    return generate_latest(registry)
