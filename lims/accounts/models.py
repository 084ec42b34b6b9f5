"""People, organisations, memberships and invitations: shape, not behaviour."""

from functools import cached_property
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now

from lims.accounts.rules import KIND_LABELS, ROLE_LABELS, OrganisationKind, Role
from lims.ids import uuid7
from lims.recording import Recording


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations, by who may see them."""

    def visible_to(self, user: "User") -> Self:
        """Return the organisations that `user` may know of: one's own, or all for those who oversee."""
        if not user.is_active:
            return self.none()
        if user.oversees:
            return self
        return self.filter(pk__in=[m.organisation_id for m in user.roles])


class Organisation(models.Model):
    """Whoever owns, carries, tests or oversees batches."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    code = models.CharField(max_length=12)
    kind = models.CharField(max_length=12, choices=[(k.value, label) for k, label in KIND_LABELS.items()])
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="organisation_name_once",
                violation_error_message="An organisation has this name already.",
            ),
            models.UniqueConstraint(
                Lower("code"),
                name="organisation_code_once",
                violation_error_message="An organisation has this code already.",
            ),
            models.CheckConstraint(
                name="organisation_kind_known", condition=models.Q(kind__in=list(OrganisationKind))
            ),
            models.CheckConstraint(name="organisation_name_given", condition=~models.Q(name="")),
            models.CheckConstraint(
                name="organisation_code_form",
                condition=models.Q(code__regex=r"^[A-Z][A-Z0-9]{1,11}$"),
                violation_error_message="A code is 2 to 12 capital letters and digits, a letter first.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """How Django and the libraries find people: by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person with this e-mail address."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in. Removed people stay, inactive: the record names them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=64, default="Asia/Kolkata")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    # Django would write it at every sign-in, outside every verb; the log of axes has the sign-ins.
    last_login = None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()
    recording: ClassVar[Recording] = Recording(digested=frozenset({"password"}))

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message="A person with this e-mail address is here already.",
            ),
            models.CheckConstraint(name="user_email_given", condition=~models.Q(email="")),
            models.CheckConstraint(name="user_name_given", condition=~models.Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor_key(self) -> str:
        """Return how the record names this person."""
        return f"user:{self.pk}"

    @cached_property
    def roles(self) -> list["Membership"]:
        """Return the memberships, read once per loaded person, each with its organisation."""
        return list(self.memberships.select_related("organisation").order_by("organisation__name", "role"))

    def has_role(self, *roles: Role, organisation: Organisation | None = None) -> bool:
        """Return whether the person has one of `roles`, in `organisation` or anywhere."""
        return self.is_active and any(
            m.role in roles and (organisation is None or m.organisation_id == organisation.pk)
            for m in self.roles
        )

    def organisations_as(self, *roles: Role) -> list[Any]:
        """Return the ids of the organisations in which the person has one of `roles`."""
        return [m.organisation_id for m in self.roles if m.role in roles]

    @property
    def oversees(self) -> bool:
        """Return whether the person reads beyond their own organisations: auditors, administrators, a ministry."""
        return any(
            m.role in {Role.AUDITOR, Role.ADMINISTRATOR} or m.organisation.kind == OrganisationKind.MINISTRY
            for m in self.roles
        )


class Membership(models.Model):
    """A person's role in an organisation. Taking it away deletes the row; the record keeps it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(r.value, label) for r, label in ROLE_LABELS.items()])
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                name="membership_once",
                violation_error_message="The person has this role there already.",
            ),
            models.CheckConstraint(name="membership_role_known", condition=models.Q(role__in=list(Role))),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}, {self.organisation}"


class Invitation(models.Model):
    """An administrator's offer of a role to an e-mail address; only the digest of its link is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    role = models.CharField(max_length=20, choices=[(r.value, label) for r, label in ROLE_LABELS.items()])
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    recording: ClassVar[Recording] = Recording(digested=frozenset({"token_sha256"}))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                "role",
                name="invitation_open_once",
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                violation_error_message="This role is offered to this address already.",
            ),
            models.CheckConstraint(
                name="invitation_accepted_by_someone",
                condition=models.Q(accepted_at=None, accepted_by=None)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False),
            ),
            models.CheckConstraint(name="invitation_role_known", condition=models.Q(role__in=list(Role))),
        ]

    def __str__(self) -> str:
        return f"{self.email}, {self.get_role_display()}"


class HandOverCode(models.Model):
    """What a person confirms a hand-over with on somebody else's phone: a short PIN, a personal code, or both."""

    person = models.OneToOneField(User, models.PROTECT, primary_key=True, related_name="hand_over_code")
    pin_hash = models.CharField(max_length=200, blank=True, default="")
    qr_sha256 = models.CharField(max_length=64, blank=True, default="")
    set_at = models.DateTimeField(db_default=Now(), editable=False)
    failures = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    recording: ClassVar[Recording] = Recording(digested=frozenset({"pin_hash", "qr_sha256"}))

    def __str__(self) -> str:
        return f"Code of {self.person}"
