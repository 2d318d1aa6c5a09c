"""The figures of a run as Markdown and JSON."""

import json
import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any

from tests.bench.server import Cost, Served
from tests.explained import Plan
from tests.first_load import FirstLoad

BESIDE = {
    "slot page": "bare slot page",
    "slot page drawn anew": "bare slot page drawn anew",
    "request POST": "bare request POST",
    "staff's confirm POST": "bare confirm POST",
    "whole application (13 requests)": "bare whole application",
}
Measured = dict[tuple[int, str], list[tuple[Cost, float]]]


@dataclass
class Figures:
    """What was measured: by number of past bookings and by thing, the cost of each time."""

    measured: Measured = field(default_factory=lambda: defaultdict(list))
    facts: dict[str, Any] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)

    def add(self, size: int, name: str, cost: Cost, waited: float = 0) -> None:
        self.measured[size, name].append((cost, waited))

    def started(self, served: Served) -> None:
        self.facts["start: CPU s until the first answer (master, two workers)"] = round(served.started.web, 2)
        self.facts["start: seconds until the first answer"] = round(served.started_seconds, 2)

    def plans(self, size: int, plans: list[Plan]) -> None:
        nodes = [node for plan in plans for node in plan.nodes]
        indexes = [node for node in nodes if "Index" in node or "booking_hold" in node]
        self.facts[f"slot page at {size:,}: queries, nodes, buffers, rows"] = (
            f"{len(plans)}, {len(nodes)}, {sum(plan.buffers for plan in plans)}, {sum(plan.rows for plan in plans)} ({', '.join(indexes)})"
        )

    def first_load(self, load: FirstLoad) -> None:
        self.facts["first load of the slot page: bytes, requests"] = f"{load.total:,}, {len(load.sizes)}"
        self.facts["first load: stylesheets, scripts"] = f"{load.stylesheets}, {load.scripts}"
        self.facts["first load: bytes by address"] = ", ".join(f"{name} {size:,}" for name, size in load.sizes.items())

    def memory(self, kilobytes: dict[str, int]) -> None:
        self.facts["memory after the run (PSS, MB)"] = ", ".join(f"{name} {kb / 1024:.0f}" for name, kb in kilobytes.items())

    def rows(self) -> list[dict[str, Any]]:
        return [_row(size, name, self.measured) for size, name in self.measured]


def write(figures: Figures, path: str) -> None:
    """Print the table; keep it, where a file is named."""
    print(f"\n{markdown(figures)}")
    if path:
        Path(path).write_text(markdown(figures))
        Path(path).with_suffix(".json").write_text(
            json.dumps({"measured": figures.rows(), "facts": figures.facts, "bytes": figures.bytes}, ensure_ascii=False, indent=2)
        )


def markdown(figures: Figures) -> str:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    head = (
        "| past bookings | what | times | web ms CPU | PostgreSQL ms CPU | per CPU second | of the bare one | p95 ms CPU | p95 ms waited |"
    )
    lines = [_line(row) for row in figures.rows()]
    facts = [
        f"- {name}: {value}" for name, value in {**figures.facts, "bytes": figures.bytes, "load of the machine at the end": load}.items()
    ]
    return "\n".join([head, "|" + "---|" * head.count("|", 1), *lines, "", *facts, ""])


def _row(size: int, name: str, measured: Measured) -> dict[str, Any]:
    costs = [cost for cost, _waited in measured[size, name]]
    both, waited = [cost.both for cost in costs], [waited for _cost, waited in measured[size, name]]
    bare = measured.get((size, BESIDE.get(name, "")))
    return {
        "past": size,
        "what": name,
        "times": len(costs),
        "web_ms": median(cost.web for cost in costs) * 1000,
        "database_ms": median(cost.database for cost in costs) * 1000,
        "mean_ms": mean(both) * 1000,
        "per_cpu_second": 1 / mean(both),
        "of_the_bare": median(cost.both for cost, _waited in bare) / median(both) if bare else None,
        "p95_ms": _p95(both) * 1000,
        "p95_waited_ms": _p95(waited) * 1000 if any(waited) else None,
    }


def _line(row: dict[str, Any]) -> str:
    share = f"{row['of_the_bare']:.0%}" if row["of_the_bare"] else ""
    waited = f"{row['p95_waited_ms']:.0f}" if row["p95_waited_ms"] else ""
    return (
        f"| {row['past']:,} | {row['what']} | {row['times']} | {row['web_ms']:.1f} | {row['database_ms']:.1f} | {row['per_cpu_second']:.0f} "
        f"| {share} | {row['p95_ms']:.1f} | {waited} |"
    )


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
