"""The few personas of the tests, by role and organisation, made once per test as the system's own act."""

from lims.accounts.models import Membership, Organisation, User
from lims.accounts.rules import OrganisationKind, Role
from lims.verbs import SystemActor, acting

#: code → (name, kind)
ORGANISATIONS = {
    "irel": ("IREL (India)", OrganisationKind.SPONSOR),
    "midwest": ("Midwest Advanced Materials", OrganisationKind.SPONSOR),
    "hillroad": ("Hill Road Carriers", OrganisationKind.CARRIER),
    "nfc": ("Hyderabad Assay Laboratory", OrganisationKind.LABORATORY),
    "mines": ("Ministry of Mines", OrganisationKind.MINISTRY),
}
PASSWORD = "a long enough pass phrase 7"


def organisation(code: str) -> Organisation:
    """Return the organisation with this short name, made if need be."""
    name, kind = ORGANISATIONS[code]
    with acting(SystemActor("tests"), verb_name="make_organisation"):
        return Organisation.objects.get_or_create(code=code.upper(), defaults={"name": name, "kind": kind})[0]


def person(role: str, organisation_code: str, *, password: str | None = None, nick: str = "") -> User:
    """Return the person with `role` ("manager", "field_coordinator", …) in an organisation, made if need be.

    Their address says it: manager@irel.test.
    """
    where = organisation(organisation_code)
    email = f"{nick or role}@{organisation_code}.test"
    with acting(SystemActor("tests"), verb_name="make_person"):
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User(email=email, name=f"{(nick or role).replace('_', ' ').capitalize()} of {where.code}")
            user.set_unusable_password()
            user.save()
        if password and not user.has_usable_password():
            user.set_password(password)
            user.save(update_fields=["password"])
        Membership.objects.get_or_create(user=user, organisation=where, role=Role[role.upper()])
    return User.objects.get(pk=user.pk)
