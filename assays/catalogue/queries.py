"""Reads of the catalogue: methods by code, materials by what certificates call them, limits."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from assays.catalogue.models import Method, MethodAnalyte, Profile, ReferenceMaterial
from assays.catalogue.rules import LOT_SOON, LotState, MaterialKind, label_key, lot_on
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


def materials_where(*, kind: str, state: str, on: date) -> QuerySet[ReferenceMaterial]:
    """Return the reference materials of a kind and state (of their lot on a day); empty or unknown words narrow nothing."""
    found = ReferenceMaterial.objects.all()
    if kind in list(MaterialKind):
        found = found.filter(kind=kind)
    standing = Q(retired_on=None) | Q(retired_on__gt=on)
    narrowed = {
        LotState.RETIRED: Q(retired_on__lte=on),
        LotState.EXPIRED: standing & Q(expires_on__lt=on),
        LotState.EXPIRES_SOON: standing & Q(expires_on__gte=on, expires_on__lte=on + LOT_SOON),
        LotState.IN_USE: standing & (Q(expires_on=None) | Q(expires_on__gt=on + LOT_SOON)),
    }
    return found.filter(narrowed[LotState(state)]) if state in list(LotState) else found


def lots_of(material: ReferenceMaterial) -> QuerySet[ReferenceMaterial]:
    """Return every lot of a material, the newest first."""
    return ReferenceMaterial.objects.filter(code__iexact=material.code).order_by("-created_at", "id")


def lots_by_key() -> dict[str, list[ReferenceMaterial]]:
    """Return every lot by everything that certificates may call it (`rules.label_key`); lots share their names."""
    found: dict[str, list[ReferenceMaterial]] = defaultdict(list)
    for material in ReferenceMaterial.objects.order_by("created_at", "id"):
        for key in material.label_keys:
            found[key].append(material)
    return dict(found)


def materials_by_key(on: date | None = None) -> dict[str, ReferenceMaterial]:
    """Return for everything that certificates may call a material the lot that was used on a day; today's without one."""
    day = on or timezone.localdate()
    chosen = ((key, lot_on(lots, day)) for key, lots in lots_by_key().items())
    return {key: lot for key, lot in chosen if lot is not None}


def lot_for(key: str, on: date) -> ReferenceMaterial | None:
    """Return the lot of a material, by whatever certificates call it, that was used on a day; None for no material."""
    return lot_on(ReferenceMaterial.objects.filter(label_keys__contains=[label_key(key)]), on)


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


def newest_profiles(laboratory: Organisation | None = None, *, on: date | None = None) -> list[Profile]:
    """Return the newest version of each profile, of one laboratory or of all; with `on`, of those in force on that day."""
    rows = Profile.objects.select_related("laboratory", "method").filter(
        Q(laboratory=laboratory) if laboratory else Q(),
        Q(valid_from=None) | Q(valid_from__lte=on) if on else Q(),
    )
    newest = {
        (row.laboratory_id, row.name.casefold()): row for row in rows.order_by("laboratory_id", "version")
    }
    return sorted(newest.values(), key=lambda row: (row.laboratory.name, row.name))


def profile_for(laboratory: Organisation, on: date, method: Method | None = None) -> Profile | None:
    """Return the one profile by which a laboratory's files of a day are read; None where there is none, or a choice.

    A profile of the method itself goes before those of every method. Taught layouts are no part of it: these are known
    by their headings.
    """
    known = [one for one in newest_profiles(laboratory, on=on) if not one.mapping]
    of_method = [one for one in known if method is not None and one.method_id == method.pk]
    found = of_method or [one for one in known if one.method_id is None]
    return found[0] if len(found) == 1 else None
