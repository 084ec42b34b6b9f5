"""Keyset pages: the next page starts after the last row seen, so a deep page costs what the first one does."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import F, Model, Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from lims.errors import invalid

if TYPE_CHECKING:
    # DRF's views import these settings' classes in turn.
    from rest_framework.views import APIView

Row = TypeVar("Row")

PAGE_SIZE: Final = 50
MAX_PAGE_SIZE: Final = 200


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[Row]):
    """The rows of one page, and the cursors of its neighbours (None where there are none)."""

    rows: list[Row]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class _Cursor:
    order: tuple[str, ...]
    values: tuple[Any, ...]
    backward: bool

    def text(self) -> str:
        # Every digit counts: a time cut to milliseconds would skip rows.
        values = [value.isoformat() if isinstance(value, date) else str(value) for value in self.values]
        body = json.dumps([self.order, values, self.backward], separators=(",", ":"))
        return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def _parse(text: str, order: tuple[str, ...], model: type[Model]) -> _Cursor:
    """Return the cursor written in `text`; raises `Invalid` ("cursor-malformed") when it is not one of this list's."""
    try:
        named, values, backward = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if tuple(named) != order or len(values) != len(order) or not isinstance(backward, bool):
            raise ValueError(text)
        typed = tuple(_field(model, name).to_python(value) for name, value in zip(order, values, strict=True))
        if None in typed or any("\0" in value for value in typed if isinstance(value, str)):
            raise ValueError(text)
    except (ValueError, TypeError, ValidationError, binascii.Error, RecursionError) as error:
        raise invalid(
            "cursor-malformed",
            "This is not a page of this list.",
            "Start again from the first page.",
            field="cursor",
        ) from error
    return _Cursor(order, typed, backward)


def _field(model: type[Model], name: str) -> Any:
    """Return the field behind one sort key ("-batch__code"), following relations."""
    field: Any = None
    options: Any = model._meta
    for part in name.removeprefix("-").split("__"):
        field = options.pk if part == "pk" else options.get_field(part)
        options = field.related_model._meta if field.is_relation else None
    return field


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Return the condition "comes after these values in this order".

    The first key is also bounded by itself, so that PostgreSQL can start in the middle of its index.
    """
    condition = Q()
    equal = Q()
    for name, value in zip(order, values, strict=True):
        key, past = name.removeprefix("-"), "lt" if name.startswith("-") else "gt"
        condition |= equal & Q(**{f"{key}__{past}": value})
        equal &= Q(**{key: value})
    first = order[0].removeprefix("-")
    bound = "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{first}__{bound}": values[0]}) & condition


def _reversed(order: Sequence[str]) -> tuple[str, ...]:
    return tuple(name[1:] if name.startswith("-") else f"-{name}" for name in order)


def _value(row: Any, name: str) -> Any:
    for part in name.removeprefix("-").split("__"):
        row = row[part] if isinstance(row, Mapping) else getattr(row, part)
    return row


def keyset_page(
    queryset: QuerySet[Any, Row], *, order: Sequence[str], cursor: str | None = None, size: int = PAGE_SIZE
) -> KeysetPage[Row]:
    """Return one page of `queryset` in `order`, whose last key must be unique and none of whose keys is null.

    Costs one query. Raises `Invalid` ("cursor-malformed").
    """
    keys = tuple(order)
    at = _parse(cursor, keys, queryset.model) if cursor else None
    backward = at is not None and at.backward
    walk = _reversed(keys) if backward else keys
    if at is not None:
        queryset = queryset.filter(_after(walk, at.values))
    sorts = [F(name[1:]).desc() if name.startswith("-") else F(name).asc() for name in walk]
    rows = list(queryset.order_by(*sorts)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backward:
        rows.reverse()
    if not rows:
        return KeysetPage([], None, None)

    def edge(row: Row, *, back: bool) -> str:
        return _Cursor(keys, tuple(_value(row, name) for name in keys), back).text()

    has_next = more or backward
    has_previous = more if backward else at is not None
    return KeysetPage(
        rows,
        edge(rows[-1], back=False) if has_next else None,
        edge(rows[0], back=True) if has_previous else None,
    )


class KeysetPagination(BasePagination):
    """Keyset pages for the API: `?cursor=`, `?size=` (at most 200), `?sort=` among the view's `sorts`.

    A view declares `sorts: ClassVar[Mapping[str, Sequence[str]]]`, name → order; the first is the default.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: "APIView | None" = None) -> list[Any]:
        """Return the rows of the page that the request asks for."""
        sorts: Mapping[str, Sequence[str]] = getattr(view, "sorts", {"id": ("id",)})
        name = request.query_params.get("sort") or next(iter(sorts))
        if name not in sorts:
            raise invalid(
                "sort-unknown", f"Cannot sort by “{name}”.", f"Sort by {', '.join(sorts)}.", field="sort"
            )
        size = _size(request.query_params.get("size"))
        cursor = request.query_params.get("cursor")
        self.page = keyset_page(queryset, order=sorts[name], cursor=cursor, size=size)
        self.url = request.build_absolute_uri()
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        """Return the rows with the addresses of the neighbouring pages."""
        return Response(
            {"next": self._link(self.page.next), "previous": self._link(self.page.previous), "results": data}
        )

    def _link(self, cursor: str | None) -> str | None:
        return (
            replace_query_param(remove_query_param(self.url, "cursor"), "cursor", cursor) if cursor else None
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the OpenAPI shape of a page."""
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Return the OpenAPI description of the parameters."""
        sorts = list(getattr(view, "sorts", {}))
        return [
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "From `next` or `previous`.",
            },
            {
                "name": "size",
                "in": "query",
                "schema": {"type": "integer", "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE},
            },
            *(
                [{"name": "sort", "in": "query", "schema": {"type": "string", "enum": sorts}}]
                if sorts
                else []
            ),
        ]


def _size(text: str | None) -> int:
    if not text:
        return PAGE_SIZE
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_PAGE_SIZE):
        raise invalid(
            "size-out-of-range", f"A page has 1 to {MAX_PAGE_SIZE} rows.", "Ask for fewer.", field="size"
        )
    return int(text)
