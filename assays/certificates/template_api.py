"""Templates of certificates over the API."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from assays.certificates.template import template_file
from lims.api.idempotency import Idempotent
from lims.api.serializers import StrictSerializer

MIME: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


class TemplateForm(StrictSerializer):
    """As what kind of file the template comes."""

    form = serializers.ChoiceField(["xlsx", "csv"], default="xlsx", help_text="xlsx has drop-downs.")


class CertificateTemplate(Idempotent):
    """The template of a certificate for a method: filled in and uploaded, it is read back exactly."""

    access: ClassVar[Mapping[str, str]] = {"get": "catalogue.read"}

    @extend_schema(
        parameters=[TemplateForm],
        responses={(200, MIME["xlsx"]): OpenApiTypes.BINARY, (200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Give the template of a method."""
        sent: Any = TemplateForm(data=request.query_params.dict())
        sent.is_valid(raise_exception=True)
        form = sent.validated_data["form"]
        name, content = template_file(pk, form)
        answer = HttpResponse(content, content_type=MIME[form])
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


urlpatterns = [
    path("methods/<uuid:pk>/template/", CertificateTemplate.as_view(), name="api-certificate-template")
]
