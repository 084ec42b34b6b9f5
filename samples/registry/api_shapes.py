# their names and fields say it
"""Shapes of what the API answers and of what is sent to it."""

from typing import Any

from rest_framework import serializers

from lims.accounts.models import Organisation
from lims.api.serializers import StrictSerializer
from samples.registry.drafts import LONGEST
from samples.registry.models import Tag
from samples.registry.rules import show_tag

# --- What is answered -------------------------------------------------------------------------------


class Mass(serializers.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=3, **kwargs)


class Degrees(serializers.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=9, decimal_places=6, **kwargs)

    def to_representation(self, value: Any) -> str:
        """Return the degrees with the digits that they have: a rounded place must look rounded."""
        return str(value)


class Moment(serializers.DateTimeField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(help_text="ISO 8601; Indian time unless it names its zone.", **kwargs)

    def to_internal_value(self, value: Any) -> Any:
        """Return the time. Raises `ValidationError`, also for the first and last days of the calendar."""
        try:
            return super().to_internal_value(value)
        except OverflowError as error:
            raise serializers.ValidationError("No such time.", "invalid") from error


class MineSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    owner = serializers.CharField()
    township = serializers.CharField()
    latitude = Degrees(help_text="Degrees, WGS 84; to 0.1° unless `exact`.")
    longitude = Degrees()
    exact = serializers.BooleanField()
    controlling_body = serializers.CharField()
    deposit_type = serializers.CharField()
    due_diligence = serializers.CharField()


class BatchSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    owner = serializers.CharField()
    material_type = serializers.CharField()
    state = serializers.CharField()
    planned_count = serializers.IntegerField(allow_null=True)
    count = serializers.IntegerField(help_text="Registered samples.")
    mass_g = Mass(help_text="Mass of the registered samples, g.")
    mine_id = serializers.UUIDField(allow_null=True, help_text="Null for whoever may not know the mine.")
    mine = serializers.CharField(allow_null=True)
    campaign = serializers.CharField(allow_null=True)


class SampleSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    tag = serializers.CharField()
    batch_id = serializers.UUIDField()
    batch = serializers.CharField()
    material_type = serializers.CharField()
    mass_g = Mass(help_text="g")
    state = serializers.CharField()
    withdrawn_reason = serializers.CharField()
    registered_at = serializers.DateTimeField()
    held = serializers.ListField(child=serializers.CharField(), help_text="Kinds of open holds.")
    field_number = serializers.CharField()
    laboratory_number = serializers.CharField()
    mine_id = serializers.UUIDField(allow_null=True)
    mine = serializers.CharField(allow_null=True)
    collected_at = serializers.DateTimeField(allow_null=True)
    collector = serializers.CharField(allow_null=True)
    latitude = Degrees(allow_null=True, help_text="Degrees, WGS 84; to 0.1° when `place_rounded`.")
    longitude = Degrees(allow_null=True)
    place_rounded = serializers.BooleanField()
    accuracy_m = serializers.DecimalField(7, 1, allow_null=True)
    depth_m = serializers.DecimalField(6, 2, allow_null=True)
    site = serializers.CharField(allow_null=True, help_text="Pit, hole or heap.")
    note = serializers.CharField(allow_null=True)


class TagSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    tag = serializers.SerializerMethodField()
    issued_at = serializers.DateTimeField()

    def get_tag(self, tag: Tag) -> str:
        """Return the code as people read it."""
        return show_tag(tag.code)


class PartySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    organisation = serializers.CharField()
    part = serializers.CharField()


class NumberSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    number = serializers.CharField()


class HoldSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    reason = serializers.CharField()
    set_at = serializers.DateTimeField()
    released_at = serializers.DateTimeField(allow_null=True)
    release_reason = serializers.CharField()


class LettersSerializer(serializers.Serializer[Any]):
    owner = serializers.UUIDField(source="owner_id")
    prefix = serializers.CharField()
    last_number = serializers.IntegerField(help_text="The last number that was issued; 0 when none was.")


# --- What is sent -----------------------------------------------------------------------------------


class Number(serializers.DecimalField):
    """A number with however many digits an instrument gives: what is stored is rounded, and checked, by the verb."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=None, decimal_places=None, **kwargs)


class Owner(serializers.PrimaryKeyRelatedField[Organisation]):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Organisation.objects.all(), **kwargs)


class NewMine(StrictSerializer):
    owner = Owner()
    code = serializers.CharField(max_length=20)
    name = serializers.CharField(max_length=200)
    latitude = Number()
    longitude = Number()
    controlling_body = serializers.CharField(max_length=200)
    deposit_type = serializers.CharField(max_length=200)
    township = serializers.CharField(max_length=100, required=False)
    due_diligence = serializers.CharField(required=False)


class MineChange(StrictSerializer):
    due_diligence = serializers.CharField()


class NewBatch(StrictSerializer):
    mine = serializers.UUIDField()
    material_type = serializers.CharField()
    campaign = serializers.CharField(max_length=200)
    planned_count = serializers.IntegerField(required=False, allow_null=True, max_value=1_000_000)


class NewParty(StrictSerializer):
    organisation = Owner()
    part = serializers.CharField()


class NewSample(StrictSerializer):
    id = serializers.UUIDField(
        required=False, help_text="Yours, a UUIDv7, so that it can be known before it is sent."
    )
    batch = serializers.UUIDField()
    tag = serializers.CharField(max_length=60)
    mass_g = Number(help_text="g")
    collected_at = Moment()
    collector = serializers.CharField(max_length=LONGEST["collector"], required=False, allow_blank=True)
    latitude = Number(required=False, allow_null=True)
    longitude = Number(required=False, allow_null=True)
    accuracy_m = Number(required=False, allow_null=True)
    depth_m = Number(required=False, allow_null=True)
    site = serializers.CharField(max_length=LONGEST["site"], required=False, allow_blank=True)
    note = serializers.CharField(max_length=LONGEST["note"], required=False, allow_blank=True)
    field_number = serializers.CharField(max_length=LONGEST["field_number"], required=False, allow_blank=True)
    laboratory_number = serializers.CharField(
        max_length=LONGEST["laboratory_number"], required=False, allow_blank=True
    )


class NewCorrection(StrictSerializer):
    reason = serializers.CharField(max_length=1000)
    mass_g = Number(required=False)
    collected_at = Moment(required=False)
    collector = serializers.CharField(max_length=LONGEST["collector"], required=False, allow_blank=True)
    latitude = Number(required=False, allow_null=True)
    longitude = Number(required=False, allow_null=True)
    accuracy_m = Number(required=False, allow_null=True)
    depth_m = Number(required=False, allow_null=True)
    site = serializers.CharField(max_length=LONGEST["site"], required=False, allow_blank=True)
    note = serializers.CharField(max_length=LONGEST["note"], required=False, allow_blank=True)


class Reason(StrictSerializer):
    reason = serializers.CharField(max_length=1000)


class NewHold(Reason):
    kind = serializers.CharField()


class NewNumber(StrictSerializer):
    kind = serializers.CharField()
    number = serializers.CharField(max_length=60)


class NewTags(StrictSerializer):
    owner = Owner()
    count = serializers.IntegerField()


class NewLetters(StrictSerializer):
    owner = Owner()
    prefix = serializers.CharField(max_length=2)
