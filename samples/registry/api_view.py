"""What the registry's views of the API have in common."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from lims.accounts.authentication import person
from lims.api.idempotency import Idempotent
from lims.api.serializers import StrictSerializer
from lims.errors import invalid

PK = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)
UUID_FORM = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
#: what every list takes besides its own filters
_PAGING: Final = ("cursor", "size", "sort")


class RegistryView(Idempotent, GenericViewSet[Any]):
    """What the views below have in common: a queryset for the caller, seen rows, shaped input."""

    #: names in the address that narrow the list; any other is refused, because a typing slip would show too much
    filters: ClassVar[Sequence[str]] = ()

    def given(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """Return what was sent, shaped. Raises `ValidationError`."""
        sent = serializer(data=self.request.data)
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)

    def page(self, rows: QuerySet[Any], see: Any) -> Response:
        """Return one page of rows as the caller sees them. Raises `Invalid` ("filter-unknown")."""
        known = (*self.filters, *_PAGING)
        unknown = sorted(set(self.request.query_params) - set(known))
        if unknown:
            raise invalid(
                "filter-unknown",
                f"There is no filter “{unknown[0]}”.",
                f"Known: {', '.join(known)}.",
                field=unknown[0],
            )
        found = self.paginate_queryset(rows)
        assert found is not None
        return self.get_paginated_response(
            self.get_serializer(see(person(self.request), found), many=True).data
        )

    def chosen(self, name: str, choices: Sequence[str]) -> str:
        """Return what the address chooses for `name`, "" when nothing. Raises `Invalid` ("choice-unknown")."""
        value = self.request.query_params.get(name, "")
        if value and value not in choices:
            raise invalid(
                "choice-unknown",
                f"“{value[:40]}” is none of the choices.",
                f"Choose one of: {', '.join(choices)}.",
                field=name,
            )
        return value
