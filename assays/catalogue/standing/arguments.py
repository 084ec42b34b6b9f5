"""What verbs of a laboratory's standing check of their arguments."""

from django.db.models import QuerySet
from django.utils import timezone

from assays.catalogue.models import Method
from assays.catalogue.rules import ACT_LABELS, CompetentTo
from assays.catalogue.standing.queries import incompetent_for
from assays.chemistry.oxides import ATOMIC_WEIGHTS, OXIDES, element_of
from lims.accounts.models import Organisation, User
from lims.errors import invalid, not_permitted
from samples.registry.arguments import said


def checked_analyte(analyte: str, oxide: str) -> tuple[str, str]:
    """Return analyte and oxide as they are kept; "" for the element.

    Raises `Invalid` ("analyte-unknown", "oxide-of-another").

    >>> checked_analyte(" Dy ", "Dy2O3")
    ('Dy', 'Dy2O3')
    """
    name, named = said(analyte, field="analyte", most=8), oxide.strip()
    if name not in ATOMIC_WEIGHTS:
        message = f"“{name}” is no element known here."
        raise invalid("analyte-unknown", message, "For example Dy.", field="analyte")
    if named and (named not in OXIDES or element_of(named) != name):
        message = f"“{named[:20]}” is no oxide of {name} known here."
        raise invalid("oxide-of-another", message, "For example Dy2O3 for Dy.", field="oxide")
    return name, named


def works_in(person: User, laboratory: Organisation) -> None:
    """Raise `Invalid` ("person-not-of-laboratory") unless the person has a role in the laboratory."""
    if not person.is_active or all(role.organisation_id != laboratory.pk for role in person.roles):
        message = f"{person} does not work in {laboratory}."
        raise invalid("person-not-of-laboratory", message, "Choose one of its people.", field="person")


def check_competent_for(user: User, methods: QuerySet[Method], able_to: CompetentTo) -> None:
    """Raise `NotPermitted` ("competence-missing") unless the person was found able to do it by each of the methods today."""
    missing = incompetent_for(user, methods, able_to, timezone.localdate())
    if missing:
        named = ", ".join(map(str, missing))
        message = f"You were not found able to do this: {ACT_LABELS[able_to].lower()} {named}."
        remedy = "Let somebody do it who was, or ask the laboratory's manager to record your competence."
        raise not_permitted("competence-missing", message, remedy)
