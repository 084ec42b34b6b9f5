"""Profiles that come with the product, by name: for files whose conventions are public."""

from collections.abc import Mapping
from typing import Final

from assays.certificates.reading import Profile
from lims.errors import NotFound, Place, Problem

PROFILES: Final[Mapping[str, Profile]] = {
    "plain": Profile(),
    "decimal-comma": Profile(decimal_comma=True),
    "minus-below": Profile(leading_minus_below=True),
    # Compilations of the Geological Survey of Western Australia: −9999 is not analysed, a minus below detection.
    "gswa": Profile(leading_minus_below=True, not_analysed=frozenset({"-9999"})),
}


def profile_called(name: str) -> Profile:
    """Return the profile of this name. Raises `NotFound` ("profile-unknown").

    >>> profile_called("gswa").leading_minus_below
    True
    """
    found = PROFILES.get(name.casefold())
    if found is None:
        remedy = f"Known are: {', '.join(PROFILES)}."
        raise NotFound(
            Problem("profile-unknown", f"There is no profile “{name[:60]}”.", remedy, Place(field="profile"))
        )
    return found
