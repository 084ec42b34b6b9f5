"""What the verbs about people are told, checked and brought into one form."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from lims.accounts.models import Organisation, User
from lims.accounts.rules import ROLE_LABELS, OrganisationKind, Role, role_fits
from lims.errors import Invalid, Place, Problem, invalid


def email_of(text: str) -> str:
    """Return an e-mail address as it is kept: in small letters. Raises `Invalid` ("email-malformed").

    >>> email_of(" Ada@Lab.example ")
    'ada@lab.example'
    """
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise invalid(
            "email-malformed",
            f"“{text}” is no e-mail address.",
            "Write it as name@example.org.",
            field="email",
        ) from error
    return email


def name_of(text: str) -> str:
    """Return a name with single spaces. Raises `Invalid` ("name-missing").

    >>> name_of("  Ada   Lovelace ")
    'Ada Lovelace'
    """
    name = " ".join(text.split())
    if not name:
        raise invalid(
            "name-missing", "The name is empty.", "Write the name as the person writes it.", field="name"
        )
    return name


def strong(password: str, user: User) -> str:
    """Return the password if it is hard to guess for this person. Raises `Invalid` ("password-weak")."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        problems = [
            Problem("password-weak", text, "Use a long phrase.", Place(field="password"))
            for text in error.messages
        ]
        raise Invalid(*problems) from error
    return password


def fitting(organisation: Organisation, role: Role | str) -> Role:
    """Return the role if it fits the organisation. Raises `Invalid` ("role-unknown", "role-does-not-fit")."""
    if role not in list(Role):
        raise invalid(
            "role-unknown", f"There is no role “{role}”.", f"Roles: {', '.join(Role)}.", field="role"
        )
    role = Role(role)
    if not role_fits(OrganisationKind(organisation.kind), role):
        raise invalid(
            "role-does-not-fit",
            f"{ROLE_LABELS[role]} is no role in a {organisation.get_kind_display().lower()}.",
            "Choose a role that fits what the organisation does.",
            field="role",
        )
    return role
