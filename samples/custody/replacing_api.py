"""Tags that were replaced, over the API."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.idempotency import Idempotent
from lims.api.serializers import StrictSerializer
from samples.custody import replacing
from samples.custody.api_shapes import HereShape, take_here
from samples.custody.models import TagReplacement
from samples.registry.models import Sample
from samples.registry.photographs import photograph_for
from samples.registry.queries import sample_for
from samples.registry.sight import Sight, sight_of


class Witness(StrictSerializer):
    """Who saw it: personal data, kept out of the record."""

    name = serializers.CharField(max_length=200)
    document = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")


class NewReplacement(HereShape):
    """Another tag for a bag; the photograph was kept before (`/photographs/`)."""

    new_tag = serializers.CharField(max_length=200)
    reason = serializers.CharField(max_length=1000)
    witnesses = serializers.ListField(child=Witness(), min_length=2, max_length=2)
    photograph = serializers.UUIDField()
    replacement_id = serializers.UUIDField(required=False, help_text="Yours, a UUIDv7.")


class ReplacementSerializer(serializers.Serializer[Any]):
    """A replacement; `reason` empty for a laboratory, `witnesses` for all but the owner's coordinators and managers."""

    id = serializers.UUIDField()
    old_tag = serializers.CharField()
    new_tag = serializers.CharField()
    at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    reason = serializers.CharField()
    witnesses = serializers.ListField(child=serializers.CharField())
    photograph = serializers.UUIDField()


def shown(user: User, sample: Sample) -> list[dict[str, Any]]:
    """Return the replacements of a bag's tag as `user` sees them, the last one first."""
    sight = sight_of(user, sample.batch)
    named = sight is Sight.FULL or user.oversees
    rows = TagReplacement.objects.filter(sample=sample).order_by("-at")
    return [
        {
            "id": row.pk,
            "old_tag": str(row.old_tag),
            "new_tag": str(row.new_tag),
            "at": row.at,
            "recorded_at": row.recorded_at,
            "reason": row.reason if sight > Sight.BLIND else "",
            "witnesses": [row.witness_one.name, row.witness_two.name] if named else [],
            "photograph": row.photograph_id,
        }
        for row in rows.select_related("old_tag", "new_tag", "witness_one", "witness_two")
    ]


class Replacements(Idempotent):
    """Tags that a bag had."""

    access: ClassVar[Mapping[str, str]] = {"get": "custody.read", "post": "custody.explain"}

    @extend_schema(responses=ReplacementSerializer(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """List how a bag's tag was replaced."""
        user = person(request)
        return Response(ReplacementSerializer(shown(user, sample_for(user, pk)), many=True).data)

    @extend_schema(request=NewReplacement, responses={201: ReplacementSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        """Put another tag on a bag, before two witnesses and with a photograph."""
        user = person(request)
        sample = sample_for(user, pk)
        sent = NewReplacement(data=request.data)
        sent.is_valid(raise_exception=True)
        given = dict(sent.validated_data)
        given["witnesses"] = [(one["name"], one["document"]) for one in given["witnesses"]]
        given["photograph"] = photograph_for(user, given["photograph"])
        here = take_here(given)
        made = replacing.replace_tag(actor=user, sample=sample, here=here, **given)
        answer = next(row for row in shown(user, sample) if row["id"] == made.pk)
        return Response(ReplacementSerializer(answer).data, status=status.HTTP_201_CREATED)


urlpatterns = [
    path("samples/<uuid:pk>/tag-replacements/", Replacements.as_view(), name="api-tag-replacement"),
]
