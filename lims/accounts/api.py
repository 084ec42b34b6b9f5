"""People, organisations, roles, invitations and tokens over the API."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from knox.models import get_token_model
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from lims.accounts import queries, services
from lims.accounts.api_shapes import (
    InvitationSerializer,
    IssuedToken,
    NewInvitation,
    NewOrganisation,
    NewPerson,
    NewRole,
    NewToken,
    OrganisationSerializer,
    PersonSerializer,
    Profile,
    RoleSerializer,
    TokenSerializer,
)
from lims.accounts.authentication import by_session, person
from lims.accounts.handover_api import HandOverCodeRenewal, HandOverCodes
from lims.accounts.models import Invitation, Membership, Organisation, User
from lims.api.idempotency import HEADER, Idempotent
from lims.api.serializers import StrictSerializer
from lims.errors import invalid, not_permitted


def _given(serializer: type[StrictSerializer], request: Request) -> dict[str, Any]:
    sent = serializer(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


class Me(Idempotent, GenericAPIView[User]):
    """The person who calls, with their roles."""

    access: ClassVar[Mapping[str, str]] = {"get": "signed-in", "patch": "signed-in"}
    serializer_class = PersonSerializer

    def get(self, request: Request) -> Response:
        """Return who is calling."""
        return Response(PersonSerializer(person(request)).data)

    @extend_schema(request=Profile, responses=PersonSerializer)
    def patch(self, request: Request) -> Response:
        """Change one's own name or time zone."""
        me = person(request)
        changed = {"name": me.name, "time_zone": me.time_zone} | _given(Profile, request)
        return Response(PersonSerializer(services.change_profile(actor=me, **changed)).data)


class Organisations(Idempotent, ListModelMixin, RetrieveModelMixin, GenericViewSet[Organisation]):
    access: ClassVar[Mapping[str, str]] = {
        "list": "signed-in",
        "retrieve": "signed-in",
        "create": "accounts.administer",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"name": ("name", "id"), "newest": ("-id",)}
    serializer_class = OrganisationSerializer
    filterset_fields = ("kind", "code")
    queryset = Organisation.objects.all()

    def get_queryset(self) -> Any:
        """Return the organisations that the caller may know of."""
        return Organisation.objects.visible_to(person(self.request))

    @extend_schema(request=NewOrganisation, responses={201: OrganisationSerializer})
    def create(self, request: Request) -> Response:
        """Add an organisation."""
        made = services.create_organisation(actor=person(request), **_given(NewOrganisation, request))
        return Response(OrganisationSerializer(made).data, status=status.HTTP_201_CREATED)


class People(Idempotent, ListModelMixin, RetrieveModelMixin, GenericViewSet[User]):
    access: ClassVar[Mapping[str, str]] = {
        "list": "accounts.read",
        "retrieve": "accounts.read",
        "create": "accounts.administer",
        "deactivate": "accounts.administer",
        "reactivate": "accounts.administer",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"name": ("name", "id"), "newest": ("-id",)}
    serializer_class = PersonSerializer
    filterset_fields = ("is_active", "email")
    queryset = User.objects.all()

    def get_queryset(self) -> Any:
        """Return people with their roles."""
        return queries.people()

    @extend_schema(request=NewPerson, responses={201: PersonSerializer})
    def create(self, request: Request) -> Response:
        """Add a person, who chooses a password by "forgotten password"."""
        made = services.create_user(actor=person(request), **_given(NewPerson, request))
        return Response(PersonSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=PersonSerializer)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        """Lock a person out: sign-in, sessions and tokens end at once."""
        user = get_object_or_404(queries.people(), pk=pk)
        return Response(PersonSerializer(services.deactivate_user(actor=person(request), user=user)).data)

    @extend_schema(request=None, responses=PersonSerializer)
    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, pk: str) -> Response:
        """Let a person in again."""
        user = get_object_or_404(queries.people(), pk=pk)
        return Response(PersonSerializer(services.reactivate_user(actor=person(request), user=user)).data)


class Memberships(Idempotent, ListModelMixin, GenericViewSet[Membership]):
    access: ClassVar[Mapping[str, str]] = {
        "list": "accounts.read",
        "create": "accounts.administer",
        "destroy": "accounts.administer",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = RoleSerializer
    filterset_fields = ("user", "organisation", "role")
    queryset = Membership.objects.all()

    def get_queryset(self) -> Any:
        """Return the roles that people have."""
        return queries.memberships()

    @extend_schema(request=NewRole, responses={201: RoleSerializer})
    def create(self, request: Request) -> Response:
        """Give a person a role in an organisation."""
        made = services.grant_role(actor=person(request), **_given(NewRole, request))
        return Response(RoleSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take a role away."""
        services.revoke_role(actor=person(request), membership=get_object_or_404(Membership, pk=pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Invitations(Idempotent, ListModelMixin, GenericViewSet[Invitation]):
    access: ClassVar[Mapping[str, str]] = {
        "list": "accounts.administer",
        "create": "accounts.administer",
        "destroy": "accounts.administer",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = InvitationSerializer
    queryset = Invitation.objects.all()

    def get_queryset(self) -> Any:
        """Return the invitations that can still be answered."""
        return queries.open_invitations()

    @extend_schema(request=NewInvitation, responses={201: InvitationSerializer})
    def create(self, request: Request) -> Response:
        """Offer a role to an e-mail address; the link goes there by e-mail."""
        made, _secret = services.invite(actor=person(request), **_given(NewInvitation, request))
        return Response(InvitationSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take an offer back."""
        services.withdraw_invitation(actor=person(request), invitation=get_object_or_404(Invitation, pk=pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Tokens(GenericViewSet[Any]):
    access: ClassVar[Mapping[str, str]] = {"list": "signed-in", "create": "signed-in", "destroy": "signed-in"}
    serializer_class = TokenSerializer
    lookup_value_regex = r"[\w]+"
    queryset = get_token_model().objects.none()

    @extend_schema(responses=TokenSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List one's own tokens, without their secrets."""
        mine = get_token_model().objects.filter(user=request.user).order_by("created")
        return Response(TokenSerializer(mine, many=True).data)

    @extend_schema(request=NewToken, responses={201: IssuedToken})
    def create(self, request: Request) -> Response:
        """Issue a token to oneself, from a browser's session only: a token cannot make more of its kind.

        Takes no `Idempotency-Key`: the answer has a secret, which is not kept, so it cannot be given twice.
        """
        if HEADER in request.headers:
            raise invalid(
                "idempotency-key-refused",
                "A token is shown once and its secret is not kept, so it cannot be answered again.",
                "Send no key; when the answer is lost, revoke the token and issue another.",
                field=HEADER,
            )
        if not by_session(request):
            raise not_permitted(
                "token-by-token", "A token cannot issue tokens.", "Sign in with a browser to issue one."
            )
        token, secret = services.issue_token(
            actor=person(request), user=person(request), **_given(NewToken, request)
        )
        return Response(TokenSerializer(token).data | {"token": secret}, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Revoke one of one's own tokens by its `token_key`."""
        services.revoke_token(actor=person(request), user=person(request), token_key=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


router = SimpleRouter()
router.register("organisations", Organisations, "api-organisation")
router.register("people", People, "api-person")
router.register("memberships", Memberships, "api-membership")
router.register("invitations", Invitations, "api-invitation")
router.register("tokens", Tokens, "api-token")
urlpatterns = [
    path("me/", Me.as_view(), name="api-me"),
    path("me/hand-over-code/", HandOverCodes.as_view(), name="api-hand-over-code"),
    path("me/hand-over-code/renew/", HandOverCodeRenewal.as_view(), name="api-hand-over-code-renew"),
    *router.urls,
]
