"""What every operation of the API's description has in common: problems, and the key with which things happen once."""

from typing import Any, Final

from lims.api.idempotency import HEADER
from lims.api.problems import CONTENT_TYPE

_TEXT: Final = {"type": "string"}
PROBLEM: Final = {
    "type": "object",
    "description": "A problem (RFC 9457). `code` is stable: act on it, not on the words.",
    "required": ["type", "title", "status", "detail", "code", "problems"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": _TEXT,
        "request_id": _TEXT,
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": _TEXT,
                    "message": _TEXT,
                    "remedy": _TEXT,
                    "field": _TEXT,
                    "row": {"type": "integer"},
                    "column": {},
                    "file": _TEXT,
                },
            },
        },
    },
}
_ANSWER: Final = {
    "description": "The request was refused; nothing was changed.",
    "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_KEY: Final = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "Sent again with the same key and body, the request happens once and is answered alike.",
}


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add problem responses to all operations and the idempotency key to unsafe ones (a hook of drf-spectacular)."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for method, operation in operations.items():
            operation["responses"]["default"] = _ANSWER
            # What makes a request happen once in its own way, as a phone's operations, says so.
            if method in {"post", "put", "patch", "delete"} and operation.get("x-idempotency-key", True):
                operation.setdefault("parameters", []).append(_KEY)
    return result
