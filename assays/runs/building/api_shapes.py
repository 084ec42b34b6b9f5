"""What the API takes and gives of runs that are built."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from assays.runs.building.rules import MOST_ITEMS
from assays.runs.rules import Stage
from lims.api.serializers import StrictSerializer


class RackItemSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    position = serializers.IntegerField()
    label = serializers.CharField(  # type: ignore[assignment]  # a serializer has a label of its own
        help_text="The portion or material while the run is built; its code once it has begun."
    )
    kind = serializers.CharField()
    stage = serializers.CharField()
    sample_id = serializers.UUIDField(allow_null=True)
    portion_id = serializers.UUIDField(allow_null=True)
    material_id = serializers.UUIDField(allow_null=True)


class RackSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="run.pk")
    number = serializers.CharField(source="run.number")
    state = serializers.CharField(source="run.state")
    method_id = serializers.UUIDField(source="run.method_id")
    instrument_id = serializers.UUIDField(source="run.instrument_id", allow_null=True)
    due_on = serializers.DateField(source="run.due_on", allow_null=True)
    umpire = serializers.BooleanField(source="run.umpire")
    rerun_of_id = serializers.UUIDField(source="run.rerun_of_id", allow_null=True)
    qc_reason = serializers.CharField(source="run.qc_reason")
    version = serializers.CharField(
        source="rack.version", help_text="What a change is bound to: send it back when changing the rack."
    )
    short = serializers.ListField(
        source="rack.short", child=serializers.CharField(), help_text="What the QC rule misses, in words."
    )
    items = RackItemSerializer(source="rack.items", many=True)


class NewBuiltRun(StrictSerializer):
    method = serializers.UUIDField()
    portions = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST_ITEMS)
    number = serializers.CharField(required=False, allow_blank=True, max_length=40)
    due_on = serializers.DateField(required=False)
    instrument = serializers.UUIDField(required=False)
    umpire = serializers.BooleanField(required=False)
    seed = serializers.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, help_text="Draws the duplicates."
    )
    highest = serializers.UUIDField(
        required=False, help_text="The portion expected to be the richest: a blank follows it."
    )
    rerun_of = serializers.UUIDField(required=False, help_text="The run whose results it is to replace.")


class Bound(StrictSerializer):
    version = serializers.CharField(max_length=64, help_text="The rack that was seen.")


class Removal(Bound):
    item = serializers.UUIDField()


class Move(Removal):
    to = serializers.IntegerField(min_value=1, max_value=MOST_ITEMS)


class Placing(Bound):
    position = serializers.IntegerField(min_value=1, max_value=MOST_ITEMS + 1)
    portion = serializers.UUIDField(required=False)
    material = serializers.UUIDField(required=False)
    stage = serializers.ChoiceField(
        required=False,
        choices=[one.value for one in Stage],
        help_text="Of a duplicate: where it was split off.",
    )


class Beginning(Bound):
    instrument = serializers.UUIDField(required=False)
    reason = serializers.CharField(
        required=False, allow_blank=True, help_text="Why it goes with less QC than the rule asks for."
    )


class CodeSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    sample = serializers.CharField()


def share() -> serializers.DecimalField:
    """Return a field for a share in per cent."""
    return serializers.DecimalField(5, 2, min_value=Decimal(0), max_value=Decimal(100))


class NewInsertionRule(StrictSerializer):
    laboratory = serializers.UUIDField()
    method = serializers.UUIDField(required=False, help_text="Empty: every method without a rule of its own.")
    crm_pct = share()
    blank_pct = share()
    field_pct = share()
    coarse_pct = share()
    pulp_pct = share()
    umpire_pct = share()
    rationale = serializers.CharField(max_length=500)


class InsertionRuleSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    laboratory_id = serializers.UUIDField()
    method_id = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField()
    crm_pct = share()
    blank_pct = share()
    field_pct = share()
    coarse_pct = share()
    pulp_pct = share()
    umpire_pct = share()
    rationale = serializers.CharField()
    made_at = serializers.DateTimeField()
