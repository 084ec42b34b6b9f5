"""Reads of the catalogue: methods by code, materials by what certificates call them, limits."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from assays.catalogue.models import Method, MethodAnalyte, Profile, ReferenceMaterial
from assays.catalogue.rules import label_key
from lims.accounts.models import Organisation
from lims.accounts.rules import OrganisationKind


def methods() -> QuerySet[Method]:
    """Return the methods with their laboratories, in the order of laboratory and code."""
    return Method.objects.select_related("laboratory").order_by("laboratory__name", "code", "id")


def methods_by_code(laboratory: Organisation | UUID) -> dict[str, Method]:
    """Return a laboratory's methods by their code in lower case."""
    return {method.code.casefold(): method for method in Method.objects.filter(laboratory=laboratory)}


def limits(found: Iterable[Method]) -> dict[tuple[UUID, str, str], MethodAnalyte]:
    """Return what these methods report by (method id, analyte, oxide or empty); one query."""
    rows = MethodAnalyte.objects.filter(method__in=[method.pk for method in found])
    return {(row.method_id, row.analyte, row.oxide): row for row in rows}


def materials() -> QuerySet[ReferenceMaterial]:
    """Return the reference materials in the order of their codes."""
    return ReferenceMaterial.objects.order_by("kind", "code", "lot", "id")


def materials_by_key() -> dict[str, ReferenceMaterial]:
    """Return the reference materials by everything that certificates may call them (`rules.label_key`).

    Two lots of one material share its name: then the newer one is meant.
    """
    found: dict[str, ReferenceMaterial] = {}
    for material in ReferenceMaterial.objects.order_by("created_at", "id"):
        for key in material.label_keys:
            found[key] = material
    return found


def laboratory_called(text: str) -> Organisation | None:
    """Return the laboratory that a certificate calls so, by name or code, if there is exactly one."""
    key = label_key(text)
    if not key:
        return None
    known = Organisation.objects.filter(kind=OrganisationKind.LABORATORY)
    found = [one for one in known if key in {label_key(one.name), label_key(one.code)}]
    if not found:
        found = [one for one in known if label_key(one.name).startswith(key)]
    return found[0] if len(found) == 1 else None


def laboratories() -> QuerySet[Organisation]:
    """Return every laboratory, those without people of their own here as well."""
    return Organisation.objects.filter(kind=OrganisationKind.LABORATORY).order_by("name", "id")


def newest_profiles(laboratory: Organisation | None = None) -> list[Profile]:
    """Return the newest version of each profile, of one laboratory or of all."""
    rows = Profile.objects.select_related("laboratory").filter(
        Q(laboratory=laboratory) if laboratory else Q()
    )
    newest = {
        (row.laboratory_id, row.name.casefold()): row for row in rows.order_by("laboratory_id", "version")
    }
    return sorted(newest.values(), key=lambda row: (row.laboratory.name, row.name))
