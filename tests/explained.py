"""What a page asks of the database, and how the database goes about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Plan:
    """How one query was carried out: its nodes with the indexes and tables they read, and the pages of memory or disk that took."""

    nodes: tuple[str, ...]
    buffers: int
    rows: int


def asked_by(page: Callable[[], object]) -> list[tuple[str, Any]]:
    """Every query of this page with its parameters, in order."""
    asked: list[tuple[str, Any]] = []

    def listen(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.startswith("SELECT"):
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        page()
    return asked


def plan_of(sql: str, params: Any) -> Plan:
    """Run the query and ask how it went."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        ((answer,),) = cursor.fetchall()
    top = answer[0]["Plan"]
    return Plan(tuple(map(_name, _nodes(top))), top["Shared Hit Blocks"] + top["Shared Read Blocks"], int(top["Actual Rows"]))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", []):
        yield from _nodes(below)


def _name(node: dict[str, Any]) -> str:
    where = node.get("Index Name") or node.get("Relation Name")
    return f"{node['Node Type']} {where}" if where else str(node["Node Type"])
