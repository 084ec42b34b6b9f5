"""Profiles over the API."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from assays.catalogue.models import Method, Profile
from assays.catalogue.queries import laboratories
from assays.certificates.profiles import services
from assays.certificates.profiles.words import in_words
from assays.chemistry.cells import Conventions
from lims.accounts.authentication import person
from lims.api.serializers import StrictSerializer
from lims.errors import NotFound, Place, Problem
from samples.registry.api_view import UUID_FORM, RegistryView


class ProfileSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    laboratory_id = serializers.UUIDField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    method_id = serializers.UUIDField(allow_null=True, help_text="None: every method of the laboratory.")
    conventions = serializers.JSONField()
    words = serializers.SerializerMethodField(help_text="The conventions, a sentence each.")
    valid_from = serializers.DateField(allow_null=True)
    rationale = serializers.CharField()
    taught = serializers.SerializerMethodField(help_text="Whether a layout was taught with it.")

    def get_words(self, one: Profile) -> list[str]:
        return list(in_words(Conventions.from_dict(one.conventions)))

    def get_taught(self, one: Profile) -> bool:
        return bool(one.mapping)


class NewProfile(StrictSerializer):
    laboratory = serializers.UUIDField()
    name = serializers.CharField()
    conventions = serializers.JSONField(
        help_text="leading_minus_below, zero_below, decimal_comma: true or false; below, not_analysed: texts."
    )
    rationale = serializers.CharField(help_text="How it is known.")
    method = serializers.UUIDField(required=False)
    valid_from = serializers.DateField(required=False)


def _one(rows: Any, pk: Any, what: str) -> Any:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(Problem("not-found", f"There is no such {what}.", "Look it up.", Place(field=what)))
    return found


class Profiles(RegistryView):
    """What laboratories mean by the cells of their files, every version."""

    access: ClassVar[Mapping[str, str]] = {"list": "certificates.read", "create": "certificates.profile"}
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = ProfileSerializer
    queryset = Profile.objects.none()
    lookup_value_regex = UUID_FORM

    def list(self, request: Request) -> Response:
        """List the profiles of every laboratory, the newest version first."""
        return self.page(Profile.objects.all(), lambda _user, rows: rows)

    @extend_schema(request=NewProfile, responses={201: ProfileSerializer})
    def create(self, request: Request) -> Response:
        """Say what a laboratory means by its cells; a name that is known gets its next version."""
        given = self.given(NewProfile)
        given["laboratory"] = _one(laboratories(), given["laboratory"], "laboratory")
        if "method" in given:
            given["method"] = _one(Method.objects, given["method"], "method")
        if not isinstance(given["conventions"], dict):
            given["conventions"] = {"conventions": given["conventions"]}
        made = services.add_profile(actor=person(request), **given)
        return Response(ProfileSerializer(made).data, status=status.HTTP_201_CREATED)


router = SimpleRouter()
router.register("profiles", Profiles, "api-profile")
urlpatterns = router.urls
