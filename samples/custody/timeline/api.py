"""Custody records over the API: the same JSON as the file that the page gives."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims.accounts.authentication import person
from samples.custody.models import Consignment
from samples.custody.queries import consignment_for
from samples.custody.timeline.content import Timeline
from samples.custody.timeline.queries import timeline_of_consignment, timeline_of_sample
from samples.custody.timeline.record import FORMAT, as_record
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.queries import sample_for


class RecordSerializer(serializers.Serializer[Any]):
    """A custody record: masses in g as text, places in degrees (WGS 84), as far as its reader may know them."""

    format = serializers.CharField(help_text=f"“{FORMAT}”.")
    made_at = serializers.DateTimeField()
    made_for = serializers.CharField()
    sight = serializers.CharField()
    subject = serializers.DictField(child=serializers.CharField())
    blocked = serializers.BooleanField()
    events = serializers.ListField(child=serializers.DictField())
    incidents = serializers.ListField(child=serializers.DictField())
    masses = serializers.ListField(child=serializers.DictField())
    legs = serializers.ListField(child=serializers.DictField())
    bags = serializers.ListField(child=serializers.DictField())
    way = serializers.ListField(child=serializers.DictField())
    documents = serializers.ListField(child=serializers.DictField())
    lineage = serializers.ListField(child=serializers.DictField())
    record_seal = serializers.DictField()


class CustodyRecords(RegistryView):
    """The chain of custody of one bag or one consignment."""

    access: ClassVar[Mapping[str, str]] = {"sample": "custody.read", "consignment": "custody.read"}
    serializer_class = RecordSerializer
    queryset = Consignment.objects.none()
    lookup_value_regex = UUID_FORM

    @extend_schema(responses=RecordSerializer, parameters=[PK])
    @action(detail=True, url_path="of-sample")
    def sample(self, request: Request, pk: str) -> Response:
        """Return a bag's custody record."""
        user = person(request)
        return self._record(request, timeline_of_sample(user, sample_for(user, UUID(pk))))

    @extend_schema(responses=RecordSerializer, parameters=[PK])
    @action(detail=True, url_path="of-consignment")
    def consignment(self, request: Request, pk: str) -> Response:
        """Return a consignment's custody record."""
        user = person(request)
        return self._record(request, timeline_of_consignment(user, consignment_for(user, UUID(pk))))

    def _record(self, request: Request, found: Timeline) -> Response:
        return Response(as_record(found, made_at=timezone.now(), made_for=person(request).name))


router = SimpleRouter()
router.register("custody-records", CustodyRecords, "api-custody-record")
