"""Shapes of portions in the API: masses in g."""

from typing import Any

from rest_framework import serializers

from assays.runs.models import PortionEvent, Preparation
from lims.api.serializers import StrictSerializer
from samples.registry.api_shapes import Moment


class Grams(serializers.DecimalField):
    """A mass in g, to a tenth of a milligram."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=4, **kwargs)


class PortionSerializer(serializers.Serializer[Any]):
    """A portion: `made_g` as it was made, `left_g` what of it is left."""

    id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]  # a serializer has a label of its own
    kind = serializers.CharField()
    state = serializers.CharField()
    sample_id = serializers.UUIDField()
    parent_id = serializers.UUIDField(allow_null=True)
    laboratory_id = serializers.UUIDField()
    place_id = serializers.UUIDField(allow_null=True)
    made_g = Grams()
    left_g = Grams()
    keep_until = serializers.DateField(allow_null=True)
    made_at = serializers.DateTimeField()


class PortionNodeSerializer(serializers.Serializer[Any]):
    """A portion in the lineage: made = left + used + gone + divided + what preparing it lost."""

    portion = PortionSerializer()
    depth = serializers.IntegerField()
    divided_g = Grams()
    split_loss_g = Grams()
    prepared_loss_g = Grams()
    used_g = Grams()
    gone_g = Grams(help_text="Returned or thrown away.")


class TakeUp(StrictSerializer):
    """A bag to take up, at its net mass; now, unless a time is given."""

    sample = serializers.UUIDField()
    mass_g = Grams()
    at = Moment(required=False)
    place = serializers.UUIDField(required=False, allow_null=True)


class NewPortionPart(StrictSerializer):
    """A part of a splitting."""

    kind = serializers.CharField()
    mass_g = Grams()
    place = serializers.UUIDField(required=False, allow_null=True)


class NewPortionSplit(StrictSerializer):
    """A splitting; `seen_g` is what was seen to be left: if it is not, somebody else has worked on it."""

    parts = NewPortionPart(many=True)
    loss_g = Grams()
    rest_g = Grams(required=False)
    seen_g = Grams(required=False, allow_null=True)
    method = serializers.CharField(required=False, allow_blank=True)
    note = serializers.CharField(required=False, allow_blank=True)
    at = Moment(required=False)


class PortionSplitSerializer(serializers.Serializer[Any]):
    """A splitting as it is on record: parts and loss add up to what went in."""

    id = serializers.UUIDField()
    mass_g = Grams()
    loss_g = Grams()
    method = serializers.CharField()
    note = serializers.CharField()
    at = serializers.DateTimeField()
    parts = PortionSerializer(many=True, source="portions")


class NewPreparation(StrictSerializer):
    """A step of preparing all that is left of a portion."""

    step = serializers.CharField()
    before_g = Grams()
    after_g = Grams()
    temperature_c = serializers.DecimalField(5, 1, required=False, allow_null=True)
    minutes = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=100_000)
    sieve_um = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1_000_000)
    passing_pct = serializers.DecimalField(5, 2, required=False, allow_null=True)
    equipment = serializers.UUIDField(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True)
    seen_g = Grams(required=False, allow_null=True)
    at = Moment(required=False)


class PreparationSerializer(serializers.ModelSerializer[Preparation]):
    """A step of preparing; `warning` says where a pulp is not known to be fine."""

    warning = serializers.CharField()

    class Meta:
        model = Preparation
        fields = (
            "id",
            "step",
            "before_g",
            "after_g",
            "temperature_c",
            "minutes",
            "sieve_um",
            "passing_pct",
            "note",
            "at",
            "warning",
        )
        read_only_fields = fields


class NewUse(StrictSerializer):
    """What is taken from a portion for good."""

    mass_g = Grams()
    reason = serializers.CharField()
    at = Moment(required=False)


class NewStoring(StrictSerializer):
    """Where a portion goes."""

    place = serializers.UUIDField()
    at = Moment(required=False)


class NewLeaving(StrictSerializer):
    """Why a portion leaves."""

    reason = serializers.CharField()
    at = Moment(required=False)


class NewDisposal(StrictSerializer):
    """Portions to throw away, all or none."""

    portions = serializers.ListField(child=serializers.UUIDField(), max_length=500)
    reason = serializers.CharField()
    at = Moment(required=False)


class PortionEventSerializer(serializers.ModelSerializer[PortionEvent]):
    """What became of a portion."""

    class Meta:
        model = PortionEvent
        fields = ("id", "portion", "kind", "place", "mass_g", "reason", "at")
        read_only_fields = fields


class NewIgnition(StrictSerializer):
    """What a dried sample lost on ignition: masses in g, temperature in °C."""

    sample = serializers.UUIDField()
    dry_g = Grams()
    ignited_g = Grams()
    temperature_c = serializers.DecimalField(5, 1)
    measured_at = Moment()


class IgnitionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    sample_id = serializers.UUIDField()
    dry_g = Grams()
    ignited_g = Grams()
    temperature_c = serializers.DecimalField(5, 1)
    measured_at = serializers.DateTimeField()


class StorePlaceSerializer(serializers.Serializer[Any]):
    """A store place with how many portions stand there."""

    id = serializers.UUIDField()
    laboratory_id = serializers.UUIDField()
    name = serializers.CharField()
    inside_id = serializers.UUIDField(allow_null=True)
    retired_at = serializers.DateTimeField(allow_null=True)
    count = serializers.IntegerField()
    left_g = Grams(allow_null=True)


class NewStorePlace(StrictSerializer):
    """A store place to add."""

    laboratory = serializers.UUIDField()
    name = serializers.CharField()
    inside = serializers.UUIDField(required=False, allow_null=True)


class RetentionRuleSerializer(serializers.Serializer[Any]):
    """A version of a retention rule."""

    id = serializers.UUIDField()
    laboratory_id = serializers.UUIDField()
    kind = serializers.CharField()
    version = serializers.IntegerField()
    days = serializers.IntegerField()
    rationale = serializers.CharField()
    made_at = serializers.DateTimeField()


class NewRetentionRule(StrictSerializer):
    """How long portions of a kind are kept, in days from when they were made."""

    laboratory = serializers.UUIDField()
    kind = serializers.CharField()
    days = serializers.IntegerField(min_value=0, max_value=36_500)
    rationale = serializers.CharField()
