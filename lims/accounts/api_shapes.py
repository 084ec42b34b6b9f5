"""Shapes of people, organisations, roles, invitations and tokens as the API says and takes them."""

from typing import Any

from rest_framework import serializers

from lims.accounts.models import Invitation, Membership, Organisation, User
from lims.api.serializers import StrictSerializer


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    class Meta:
        model = Organisation
        fields = ("id", "name", "code", "kind", "created_at")


class PersonInBrief(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "email", "name", "is_active")


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    organisation = OrganisationSerializer(read_only=True)

    class Meta:
        model = Membership
        fields = ("id", "organisation", "role", "created_at")


class RoleSerializer(MembershipSerializer):
    user = PersonInBrief(read_only=True)

    class Meta:
        model = Membership
        fields = ("id", "user", "organisation", "role", "created_at")


class PersonSerializer(serializers.ModelSerializer[User]):
    memberships = MembershipSerializer(many=True, read_only=True)

    class Meta:
        model = User
        fields = ("id", "email", "name", "is_active", "time_zone", "created_at", "memberships")


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    organisation = OrganisationSerializer(read_only=True)

    class Meta:
        model = Invitation
        fields = ("id", "email", "name", "organisation", "role", "created_at", "expires_at")


class TokenSerializer(serializers.Serializer[Any]):
    token_key = serializers.CharField(
        help_text="The first characters of the token: how to tell it from others."
    )
    created = serializers.DateTimeField()
    expiry = serializers.DateTimeField()


class NewOrganisation(StrictSerializer):
    name = serializers.CharField(max_length=200)
    code = serializers.CharField(max_length=12)
    kind = serializers.CharField()


class NewPerson(StrictSerializer):
    email = serializers.CharField(max_length=254)
    name = serializers.CharField(max_length=200)


class Profile(StrictSerializer):
    name = serializers.CharField(max_length=200, required=False)
    time_zone = serializers.CharField(max_length=64, required=False, help_text="As in Asia/Kolkata.")


class NewRole(StrictSerializer):
    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.all())
    organisation = serializers.PrimaryKeyRelatedField(queryset=Organisation.objects.all())
    role = serializers.CharField()


class NewInvitation(StrictSerializer):
    email = serializers.CharField(max_length=254)
    name = serializers.CharField(max_length=200)
    organisation = serializers.PrimaryKeyRelatedField(queryset=Organisation.objects.all())
    role = serializers.CharField()


class NewToken(StrictSerializer):
    days = serializers.IntegerField(help_text="How long it lives, 1 to 365 days.")


class IssuedToken(TokenSerializer):
    token = serializers.CharField(help_text="Shown this once only.")
