"""Figures for Prometheus: what this machine's web processes counted, and what the caller read from the tables. Names of things only.

With several web processes prometheus_client keeps its counts in files of the folder ``PROMETHEUS_MULTIPROC_DIR``, which
``toyooka_hw.gunicorn_config`` makes; whichever process is asked adds them up.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_of_this_process = CollectorRegistry()
_requests = Counter("portal_requests", "Requests answered.", ["view", "method", "status"], registry=_of_this_process)
_seconds = Histogram(
    "portal_request_seconds",
    "Seconds from the first middleware to the answer.",
    ["view"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=_of_this_process,
)


@dataclass(frozen=True)
class Figure:
    """One gauge: its values by the values of its labels, which are given in the order of ``labels``."""

    name: str
    help: str
    values: Mapping[tuple[str, ...], float]
    labels: tuple[str, ...] = field(default=())


def count(*, view: str, method: str, status: int, seconds: float) -> None:
    """Note one request."""
    _requests.labels(view, method, status).inc()
    _seconds.labels(view).observe(seconds)


def exposition(figures: Iterable[Figure]) -> bytes:
    """All figures as Prometheus reads them."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # the library's own variable, which no setting of ours repeats
        MultiProcessCollector(registry)
    else:
        registry.register(_of_this_process)
    registry.register(_Given(figures))
    return generate_latest(registry)


class _Given:
    """Figures as prometheus_client collects them."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for figure in self._figures:
            family = GaugeMetricFamily(figure.name, figure.help, labels=figure.labels)
            for labels, value in figure.values.items():
                family.add_metric(labels, value)
            yield family
