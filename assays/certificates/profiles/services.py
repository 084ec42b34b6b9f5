"""The verb of profiles: a further version of what a laboratory means by its cells."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from assays.catalogue.models import Method, Profile
from assays.certificates.profiles import permissions  # noqa: F401  # permissions register by name
from assays.certificates.profiles.words import checked
from assays.certificates.reading.mapping import Mapping as Layout
from lims.accounts.models import Organisation
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.registry.arguments import person_of, said


@verb
def add_profile(
    *,
    actor: Actor,
    laboratory: Organisation,
    name: str,
    conventions: Mapping[str, Any],
    rationale: str,
    method: Method | None = None,
    valid_from: date | None = None,
    mapping: Layout | None = None,
) -> Profile:
    """Keep what a laboratory means by its cells, from a day on; a name that is known gets its next version.

    A layout that was taught under the name stays with it unless another `mapping` is given. Earlier versions stay:
    what was read by them stays read by them. Raises `Invalid` ("convention-twice", "method-elsewhere", …) or
    `Conflict` ("profile-same": nothing differs from the last version).
    """
    permit(actor, "certificates.profile", laboratory)
    called, why = said(name, field="name", most=60), said(rationale, field="rationale", most=200)
    if method is not None and method.laboratory_id != laboratory.pk:
        raise invalid(
            "method-elsewhere",
            "The method is another laboratory's.",
            "Choose one of its own.",
            field="method",
        )
    # One at a time: two who say something under one name at once make two versions of it.
    place = Organisation.objects.select_for_update(no_key=True).get(pk=laboratory.pk)
    last = Profile.objects.filter(laboratory=place, name__iexact=called).order_by("version").last()
    made = Profile(
        laboratory=place,
        name=last.name if last else called,
        version=last.version + 1 if last else 1,
        conventions=checked(dict(conventions)).as_dict(),
        rationale=why,
        method=method,
        valid_from=valid_from,
        mapping=mapping.to_dict() if mapping else last.mapping if last else {},
        headings_sha256=mapping.headings_sha256 if mapping else last.headings_sha256 if last else "",
        created_by=person_of(actor),
    )
    if last is not None and _says(last) == _says(made):
        raise conflict("profile-same", f"{last} says the same.", "There is nothing to keep.")
    made.save()
    return made


def _says(profile: Profile) -> tuple[Any, ...]:
    meant = checked(profile.conventions).as_dict()
    return meant, profile.mapping, profile.method_id, profile.valid_from
