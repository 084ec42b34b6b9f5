# their names and fields say it
"""Shapes of what the API of custody answers and of what is sent to it."""

from typing import Any

from rest_framework import serializers

from lims.api.serializers import StrictSerializer
from samples.custody.happenings import Here
from samples.custody.models import Route
from samples.custody.rules import ConfirmedHow
from samples.registry.api_shapes import Degrees, Mass, Moment, Number, Owner

#: so many bags or seals are sent at once
MOST = 500

# --- What is answered -------------------------------------------------------------------------------


class ConsignmentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    owner = serializers.CharField(source="owner.name")
    carrier = serializers.CharField(source="carrier.name")
    destination = serializers.CharField(source="destination.name")
    state = serializers.CharField()
    planned_arrival = serializers.DateTimeField(allow_null=True)
    dose_surface_usv_h = serializers.DecimalField(8, 3, allow_null=True, help_text="µSv/h at the surface.")
    dose_1m_usv_h = serializers.DecimalField(8, 3, allow_null=True, help_text="µSv/h at 1 m.")
    dose_instrument = serializers.CharField()
    returning = serializers.BooleanField(help_text="On its way back to the owner.")
    split_from_id = serializers.UUIDField(allow_null=True, help_text="The consignment that it was part of.")
    cancelled_at = serializers.DateTimeField(allow_null=True)
    cancel_reason = serializers.CharField()
    manifest_sha256 = serializers.CharField(
        help_text="Over tag, mass and seal of each bag, once it has left."
    )
    dispatched_at = serializers.DateTimeField(allow_null=True)
    bags = serializers.IntegerField()
    received = serializers.IntegerField()
    missing = serializers.IntegerField()
    mass_g = Mass(allow_null=True, help_text="Sealed gross mass of all bags, g.")


class BagSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="item.id")
    sample_id = serializers.UUIDField(source="item.sample_id")
    tag = serializers.CharField(source="item.sample")
    batch = serializers.CharField(source="item.sample.batch.code")
    state = serializers.CharField(source="item.state")
    seal = serializers.CharField(source="seals", help_text="Maker and number of the seal put on last.")
    sealed_mass_g = Mass(source="item.sealed_mass_g", help_text="Gross, g.")
    received_at = serializers.DateTimeField(source="item.received_at", allow_null=True)
    received_mass_g = Mass(source="item.received_mass_g", allow_null=True, help_text="Gross, g.")
    condition = serializers.CharField(source="item.condition")
    incidents = serializers.ListField(child=serializers.UUIDField(), help_text="Ids of its incidents here.")


class ReceiptSerializer(serializers.Serializer[Any]):
    expected = serializers.IntegerField()
    received = serializers.IntegerField()
    missing = serializers.IntegerField()
    problems = serializers.IntegerField()


class PaperSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    given = serializers.BooleanField()
    reference = serializers.CharField(help_text="Its number; empty for a laboratory.")


class EventSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    consignment_id = serializers.UUIDField(allow_null=True)
    sample_id = serializers.UUIDField(allow_null=True)
    at = serializers.DateTimeField(help_text="By the device of whoever said so.")
    recorded_at = serializers.DateTimeField()
    giver = serializers.CharField()
    taker = serializers.CharField()
    latitude = Degrees(allow_null=True, help_text="Degrees, WGS 84; rounded or null as far as one may know.")
    longitude = Degrees(allow_null=True)
    mass_g = Mass(allow_null=True, help_text="Gross, g.")
    seals = serializers.ListField(child=serializers.CharField())
    condition = serializers.CharField()
    note = serializers.CharField()


class SealSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    sample_id = serializers.UUIDField()
    tag = serializers.CharField(source="sample")
    maker = serializers.CharField()
    number = serializers.CharField()
    state = serializers.CharField()
    applied_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class IncidentSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="record.id")
    kind = serializers.CharField(source="record.kind")
    state = serializers.CharField(source="record.state")
    blocking = serializers.BooleanField(
        source="record.blocking", help_text="Keeps its samples out of decisions until it is cleared."
    )
    sample_id = serializers.UUIDField(source="record.sample_id", allow_null=True)
    consignment_id = serializers.UUIDField(source="record.consignment_id", allow_null=True)
    event_id = serializers.UUIDField(source="record.event_id", allow_null=True)
    opened_at = serializers.DateTimeField(source="record.opened_at")
    detail = serializers.CharField(help_text="What was found and what was expected.")
    explanation = serializers.CharField()
    explained_by = serializers.CharField()
    judgement = serializers.CharField()
    judged_by = serializers.CharField()


# --- What is sent -----------------------------------------------------------------------------------


class HereShape(StrictSerializer):
    id = serializers.UUIDField(required=False, help_text="Of the event: yours, a UUIDv7.")
    at = Moment()
    latitude = Number(required=False, allow_null=True)
    longitude = Number(required=False, allow_null=True)
    accuracy_m = Number(required=False, allow_null=True)
    place = serializers.CharField(max_length=100, required=False, allow_blank=True, help_text="Its name.")
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True)


#: what of the sent is said of time and place
HERE = tuple(HereShape().fields)


def take_here(given: dict[str, Any]) -> Here:
    """Take time and place out of what was sent, and return them."""
    return Here(**{name: given.pop(name) for name in HERE if name in given})


class FoundSeal(StrictSerializer):
    maker = serializers.CharField(max_length=60)
    number = serializers.CharField(max_length=60)


class NewConsignment(StrictSerializer):
    consignment_id = serializers.UUIDField(required=False, help_text="Yours, a UUIDv7.")
    owner = Owner()
    carrier = Owner()
    destination = Owner()
    planned_arrival = Moment(required=False, allow_null=True)
    route = serializers.PrimaryKeyRelatedField(
        queryset=Route.objects.all(), required=False, allow_null=True, help_text="One of the owner's."
    )


class NewBags(StrictSerializer):
    samples = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST)


class NewPaper(StrictSerializer):
    kind = serializers.CharField()
    reference = serializers.CharField(max_length=100, required=False, allow_blank=True)
    document = serializers.UUIDField(
        required=False, allow_null=True, help_text="One of the owner's register, instead of a reference."
    )


class NewDoseRate(StrictSerializer):
    instrument = serializers.CharField(max_length=100)
    surface_usv_h = Number(help_text="µSv/h")
    at_1m_usv_h = Number(help_text="µSv/h")


class ConfirmationShape(StrictSerializer):
    how = serializers.ChoiceField([how.value for how in ConfirmedHow])
    secret = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="PIN or personal code of the receiver."
    )
    signature = serializers.CharField(
        max_length=200_000, required=False, allow_blank=True, help_text="A PNG of at most 100 kB, in base64."
    )


class NewHandOver(HereShape):
    to_person = serializers.UUIDField(
        required=False, allow_null=True, help_text="One of the carrier's people."
    )
    to_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    to_document = serializers.CharField(max_length=100, required=False, allow_blank=True)
    mass_g = Number(required=False, allow_null=True, help_text="Gross mass of the whole, g.")
    seals = serializers.ListField(
        child=FoundSeal(),
        max_length=MOST,
        required=False,
        allow_null=True,
        help_text="Seen; null: nobody looked.",
    )
    condition = serializers.CharField(required=False, allow_blank=True)
    scale = serializers.UUIDField(required=False, allow_null=True, help_text="Of one's organisation.")
    drying_loss_g = Number(required=False, allow_null=True, help_text="Lost by drying, as declared, g.")
    confirmation = ConfirmationShape(required=False, allow_null=True)
    insist = serializers.BooleanField(
        required=False,
        help_text="Refuse what the receiver does not confirm, instead of keeping it with an incident.",
    )


class NewSplit(HereShape):
    consignment_id = serializers.UUIDField(required=False, help_text="Of the new one: yours, a UUIDv7.")
    samples = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST)
    carrier = Owner(required=False, allow_null=True)
    destination = Owner(required=False, allow_null=True)


class NewTurn(HereShape):
    reason = serializers.CharField(max_length=500)


class NewReason(StrictSerializer):
    reason = serializers.CharField(max_length=500)


class NewSendingBack(HereShape):
    consignment_id = serializers.UUIDField(required=False, help_text="Yours, a UUIDv7.")
    samples = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST)
    carrier = Owner()


class ReturnShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    manifest_sha256 = serializers.CharField()


class NewRoadEvent(HereShape):
    kind = serializers.CharField(help_text="CHECKPOINT, BORDER_CROSSED or ARRIVED.")


class NewReceipt(HereShape):
    tag = serializers.CharField(max_length=60)
    mass_g = Number(help_text="Gross, g.")
    seals = serializers.ListField(child=FoundSeal(), max_length=MOST)
    condition = serializers.CharField(help_text="INTACT, DAMAGED or OPENED.")


class NewSeal(HereShape):
    sample = serializers.UUIDField()
    maker = serializers.CharField(max_length=60)
    number = serializers.CharField(max_length=60)
    mass_g = Number(help_text="Gross mass of the sealed bag, g.")
    scale = serializers.UUIDField(required=False, allow_null=True, help_text="Of one's organisation.")


class NewFirstSeal(NewSeal):
    drying_loss_g = Number(required=False, allow_null=True, help_text="Lost by drying, as declared, g.")


class NewBagEvent(HereShape):
    kind = serializers.ChoiceField(["OPENED", "LOST", "STORED", "DISPOSED"])
    sample = serializers.UUIDField()
    reason = serializers.CharField(
        max_length=500, required=False, help_text="Why it is disposed of; a stored one needs `place`."
    )


class NewIncident(StrictSerializer):
    kind = serializers.CharField()
    detail = serializers.CharField(max_length=500)
    sample = serializers.UUIDField(required=False, allow_null=True)
    consignment = serializers.UUIDField(required=False, allow_null=True)


class Explanation(StrictSerializer):
    explanation = serializers.CharField(max_length=2000)


class Judgement(StrictSerializer):
    reason = serializers.CharField(max_length=2000)
