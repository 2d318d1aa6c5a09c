"""Holds what client and simulator said to each other against the two descriptions of Zoom: our own schema and, where at hand, Zoom's."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jsonschema import Draft202012Validator
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

HERE = Path(__file__).parent
SCHEMA = json.loads((HERE / "zoom.schema.json").read_text(encoding="utf-8"))
PUBLISHED = Path(os.environ.get("ZOOM_OPENAPI") or HERE.parents[2] / "shared" / "zoom" / "openapi.json")

# operation: what is sent, what comes back when it went well, and with which status
SHAPES = {
    "token": ("token_request", "token", 200),
    "create": ("meeting_request", "meeting", 201),
    "list": ("nothing", "meeting_list", 200),
    "get": ("nothing", "meeting", 200),
    "update": ("meeting_request", "nothing", 204),
    "delete": ("nothing", "nothing", 204),
    "end": ("status_request", "nothing", 204),
    "user": ("nothing", "user", 200),
}
UNDOCUMENTED_STATUSES = (401, 503)
UNDOCUMENTED_OPERATIONS = ("token", "user")
BEARER = {"type": "http", "scheme": "bearer"}

Call = dict[str, Any]


def against_our_schema(calls: list[Call]) -> list[str]:
    """Return what is wrong by our own schema."""
    return [problem for call in calls for problem in _problems(call)]


def _problems(call: Call) -> Iterator[str]:
    sent, received, success = SHAPES[call["operation"]]
    # zoomus sends no body with GET and DELETE; an empty form is what the simulator makes of that
    yield from _errors(sent, call["request"] or None, call)
    if call["status"] == success:
        yield from _errors(received, call["response"], call)
    elif call["status"] < 500:
        yield from _errors("token_error" if call["operation"] == "token" and call["status"] == 400 else "error", call["response"], call)


def _errors(shape: str, content: Any, call: Call) -> Iterator[str]:
    validator = Draft202012Validator({**SCHEMA, "$ref": f"#/$defs/{shape}"})
    for error in validator.iter_errors(content):
        yield f"{call['method']} {call['path']} ({call['status']}), {shape}: {error.json_path} {error.message}"


def published_specification() -> OpenAPI:
    """Return Zoom's specification, stricter than published: fields it does not know are errors, so that typing mistakes show."""
    content = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    for path, method in (("/users/{userId}/meetings", "post"), ("/meetings/{meetingId}", "patch")):
        body = content["paths"][path][method]["requestBody"]["content"]["application/json"]
        schema = _resolved(content, body["schema"])
        schema["additionalProperties"] = False
        _resolved(content, schema["properties"]["settings"])["additionalProperties"] = False
    # openapi-core cannot judge oauth2; what travels is a bearer token
    content["components"]["securitySchemes"] = dict.fromkeys(content["components"]["securitySchemes"], BEARER)
    return OpenAPI.from_dict(content)


def _resolved(content: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema or "allOf" in schema:
        schema = schema["allOf"][0] if "allOf" in schema else content["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def against_published(specification: OpenAPI, calls: list[Call]) -> list[str]:
    """Return what is wrong by Zoom's specification."""
    documented = [
        call for call in calls if call["operation"] not in UNDOCUMENTED_OPERATIONS and call["status"] not in UNDOCUMENTED_STATUSES
    ]
    return [problem for call in documented if (problem := _published_problem(specification, call))]


def _published_problem(specification: OpenAPI, call: Call) -> str:
    request = MockRequest(
        "https://api.zoom.us",
        call["method"].lower(),
        quote(call["path"], safe="/@"),
        args=call["query"],
        headers={"Authorization": f"{call['authorization']} token"} if call["authorization"] else {},
        data=json.dumps(call["request"]).encode() if call["request"] else None,
        content_type="application/json" if call["request"] else "",
    )
    content = call["response"]
    response = MockResponse(json.dumps(content).encode() if content else b"", status_code=call["status"])
    try:
        specification.validate_request(request)
        specification.validate_response(request, response)
    except OpenAPIError as error:
        details = "; ".join(each.message for each in getattr(error.__cause__, "schema_errors", []))
        return f"{call['method']} {call['path']}?{urlencode(call['query'])} ({call['status']}): {error} {error.__cause__} {details}"
    return ""
