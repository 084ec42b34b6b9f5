"""What the registry's views of the API have in common."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from lims.accounts.authentication import person
from lims.api.idempotency import Idempotent
from lims.api.serializers import StrictSerializer

PK = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)
UUID_FORM = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class RegistryView(Idempotent, GenericViewSet[Any]):
    """What the views below have in common: a queryset for the caller, seen rows, shaped input."""

    def given(self, serializer: type[StrictSerializer]) -> dict[str, Any]:
        """Return what was sent, shaped. Raises `ValidationError`."""
        sent = serializer(data=self.request.data)
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)

    def page(self, rows: QuerySet[Any], see: Any) -> Response:
        """Return one page of rows as the caller sees them."""
        found = self.paginate_queryset(rows)
        assert found is not None
        return self.get_paginated_response(
            self.get_serializer(see(person(self.request), found), many=True).data
        )
