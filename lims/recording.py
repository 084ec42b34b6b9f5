"""What the record keeps of each table: declared on the model, obeyed by the database's triggers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Recording:
    """How a table is recorded; a model says so with `recording: ClassVar[Recording] = Recording(…)`.

    digested      columns that are secrets: the record keeps a SHA-256, enough to see that they changed
    omitted       columns with erasable personal data: the record keeps nothing of them
    append_only   the application's role may insert and read, never update or delete
    not_recorded  why rows are not recorded at all (derived, transient, or vouched for otherwise)
    place         columns that are exact coordinates: pages that show the record round them

    A model without the attribute is recorded whole.

    >>> Recording(digested=frozenset({"password"})).is_recorded
    True
    """

    digested: frozenset[str] = field(default_factory=frozenset)
    omitted: frozenset[str] = field(default_factory=frozenset)
    append_only: bool = False
    not_recorded: str = ""
    place: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_recorded(self) -> bool:
        """Return whether the table's rows are recorded."""
        return not self.not_recorded


#: recorded tables of libraries, by their label
LIBRARIES: Mapping[str, Recording] = {
    "knox.AuthToken": Recording(digested=frozenset({"digest"})),
    "mfa.Authenticator": Recording(digested=frozenset({"data"})),
    "account.EmailAddress": Recording(),
}


def recording_of(model: Any) -> Recording:
    """Return how the rows of `model` are recorded.

    Tables of libraries are recorded when `LIBRARIES` lists them.
    """
    declared: Recording | None = getattr(model, "recording", None) or LIBRARIES.get(model._meta.label)
    if declared is not None:
        return declared
    ours = model.__module__.split(".")[0] in {"lims", "samples", "assays"}
    return Recording() if ours else Recording(not_recorded="a library's table without facts of ours")
