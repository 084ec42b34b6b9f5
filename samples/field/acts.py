"""What an operation does: each kind reads its body and calls one verb, in the name of the person whose phone it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from lims.accounts.models import Organisation, User
from lims.errors import NotFound, Place, Problem, invalid
from samples.custody.happenings import Here
from samples.custody.models import Consignment, Document, Route, Scale
from samples.custody.queries import happenings_for, incidents_for
from samples.field.bodies import Body, is_uuid, missing
from samples.field.models import Device
from samples.field.reading import Sent
from samples.registry.models import Batch, Sample


@dataclass(frozen=True, slots=True)
class Done:
    """What an operation did: what the device is told besides, and what it concerned (for a clock that was wrong)."""

    result: Mapping[str, Any] | None = None
    batch: Batch | None = None
    consignment: Consignment | None = None


class Act:
    """One operation about to be applied: who, from which device, what, and by how much the device's clock is off."""

    def __init__(self, *, device: Device, person: User, sent: Sent, offset: timedelta) -> None:
        self.device, self.person, self.sent, self.offset = device, person, sent, offset
        self.body = Body(sent.body)

    def corrected(self, at: datetime) -> datetime:
        """Return a time of the device's as the server's clock had it."""
        return at - self.offset

    def here(self, event_id: UUID | None = None) -> Here:
        """Return when and where it happened. Raises `Invalid` ("field-required", …)."""
        told = self.body.inner("here")
        if told is None:
            raise missing("here")
        at = told.moment("at")
        here = Here(
            at=self.corrected(at),
            latitude=told.maybe_number("latitude"),
            longitude=told.maybe_number("longitude"),
            accuracy_m=told.maybe_number("accuracy_m"),
            note=told.text("note"),
            id=event_id,
            device=self.device.pk,
            device_at=at if self.offset else None,
            place=told.text("place", most=100),
        )
        told.finish()
        return here

    def _rows(self, what: str) -> QuerySet[Any]:
        """Return the things of a kind that the person may name."""
        person = self.person
        choices: Mapping[str, Callable[[], QuerySet[Any]]] = {
            "sample": lambda: Sample.objects.visible_to(person).select_related("tag", "batch__owner"),
            "batch": lambda: Batch.objects.visible_to(person).select_related("owner"),
            "consignment": lambda: Consignment.objects.visible_to(person).select_related(
                "owner", "carrier", "destination"
            ),
            "event": lambda: happenings_for(person).select_related(
                "sample__batch__owner", "consignment__owner"
            ),
            "incident": lambda: incidents_for(person),
            "organisation": Organisation.objects.all,
            "scale": lambda: Scale.objects.visible_to(person),
            "route": lambda: Route.objects.visible_to(person),
            "document": lambda: Document.objects.visible_to(person),
        }
        return choices[what]()

    def found(self, what: str, pk: UUID, field: str) -> Any:
        """Return the thing with this id, if the person may see it. Raises as `awaited`."""
        one = self._rows(what).filter(pk=pk).first()
        if one is None:
            raise awaited(what, field)
        return one

    def sample(self, name: str = "sample") -> Sample:
        """Return the bag that the body names. Raises `NotFound` ("awaits-earlier")."""
        found: Sample = self.found("sample", self.body.id(name), name)
        return found

    def samples(self, name: str = "samples") -> list[Sample]:
        """Return the bags that the body names, all of them. Raises `NotFound` ("awaits-earlier")."""
        ids = self.body.ids(name)
        found: dict[UUID, Sample] = {sample.pk: sample for sample in self._rows("sample").filter(pk__in=ids)}
        if not ids or len(found) < len(ids):
            raise awaited("sample", name)
        return [found[pk] for pk in ids]

    def batch(self) -> Batch:
        """Return the batch that the body names. Raises `NotFound` ("batch-unknown")."""
        found: Batch = self.found("batch", self.body.id("batch"), "batch")
        return found

    def consignment(self) -> Consignment:
        """Return the consignment that the body names. Raises `NotFound` ("awaits-earlier")."""
        found: Consignment = self.found("consignment", self.body.id("consignment"), "consignment")
        return found

    def organisation(self, name: str) -> Organisation:
        """Return the organisation that the body names. Raises `NotFound` ("organisation-unknown")."""
        found: Organisation = self.found("organisation", self.body.id(name), name)
        return found

    def among(self, *names: str) -> dict[str, Any]:
        """Return those optional things that the body names ("scale", "route", "document"). Raises `NotFound`."""
        ids = {name: self.body.maybe_id(name) for name in names}
        return {name: self.found(name, pk, name) for name, pk in ids.items() if pk is not None}


#: what a device makes itself may be on its way still: refused until it is corrected, or in a file that somebody carries
_MADE_BY_DEVICES: Final = frozenset({"sample", "consignment", "event", "incident", "photograph"})


def awaited(what: str, field: str) -> NotFound:
    """Return the refusal of an operation that refers to something that is not here ("awaits-earlier", "<what>-unknown")."""
    code = "awaits-earlier" if what in _MADE_BY_DEVICES else f"{what}-unknown"
    return NotFound(
        Problem(
            code,
            f"There is no such {what} here, or it has not arrived yet.",
            "Send what comes before it first; then send it again.",
            Place(field=field),
        )
    )


Function = Callable[[Act], Done]
KINDS: Final[dict[str, Function]] = {}


def kind(name: str) -> Callable[[Function], Function]:
    """Register what an operation of this kind does."""

    def register(function: Function) -> Function:
        KINDS[name] = function
        return function

    return register


def apply(act: Act) -> Done:
    """Do what an operation says. Raises `Invalid` ("kind-unknown") and whatever the verb raises."""
    function = KINDS.get(act.sent.kind)
    if function is None:
        raise invalid(
            "kind-unknown",
            f"“{act.sent.kind}” is nothing that this server knows.",
            "Wait until the server is updated, then send it again.",
            field="kind",
        )
    return function(act)


#: where bodies name what they make
_MADE: Final = (
    "sample_id",
    "event_id",
    "consignment_id",
    "incident_id",
    "replacement_id",
    "check_id",
    "photograph_id",
)


def made_by(sent: Sent) -> dict[str, Any]:
    """Return the ids that a device made for what an operation makes: known before it is applied."""
    made = {name: sent.body.get(name) for name in _MADE}
    return {name: value for name, value in made.items() if is_uuid(value)}
