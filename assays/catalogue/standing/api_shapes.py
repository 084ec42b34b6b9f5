"""What the API says and takes of what a laboratory stands on."""

from typing import Any

from rest_framework import serializers

from assays.catalogue.rules import CompetentTo, EquipmentKind
from lims.api.serializers import StrictSerializer


class EquipmentSerializer(serializers.Serializer[Any]):
    """A piece of equipment."""

    id = serializers.UUIDField()
    laboratory = serializers.UUIDField(source="laboratory_id")
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    serial = serializers.CharField()
    needs_calibration = serializers.BooleanField()
    retired_on = serializers.DateField(allow_null=True)


class NewEquipment(StrictSerializer):
    """A piece of equipment to add."""

    laboratory = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField(help_text=", ".join(EquipmentKind))
    serial = serializers.CharField(required=False, allow_blank=True)
    needs_calibration = serializers.BooleanField(required=False)


class CalibrationSerializer(serializers.Serializer[Any]):
    """A calibration."""

    id = serializers.UUIDField()
    equipment = serializers.UUIDField(source="equipment_id")
    calibrated_on = serializers.DateField()
    valid_until = serializers.DateField()
    passed = serializers.BooleanField()
    done_by = serializers.CharField()
    reference = serializers.CharField()


class NewCalibration(StrictSerializer):
    """A calibration to record."""

    equipment = serializers.UUIDField()
    calibrated_on = serializers.DateField()
    valid_until = serializers.DateField()
    passed = serializers.BooleanField(required=False)
    done_by = serializers.CharField()
    reference = serializers.CharField(required=False, allow_blank=True)


class ValidationSerializer(serializers.Serializer[Any]):
    """What a method was shown to do for an analyte; contents in ppm of the form."""

    id = serializers.UUIDField()
    method = serializers.UUIDField(source="method_id")
    analyte = serializers.CharField()
    oxide = serializers.CharField()
    lod_ppm = serializers.DecimalField(20, 8)
    loq_ppm = serializers.DecimalField(20, 8)
    range_low_ppm = serializers.DecimalField(20, 8)
    range_high_ppm = serializers.DecimalField(20, 8)
    recovery_pct = serializers.DecimalField(6, 2)
    u_relative = serializers.DecimalField(7, 5)
    evidence = serializers.CharField()
    validated_on = serializers.DateField()
    review_on = serializers.DateField()


class NewValidation(StrictSerializer):
    """A validation to record."""

    method = serializers.UUIDField()
    analyte = serializers.CharField()
    oxide = serializers.CharField(required=False, allow_blank=True)
    lod_ppm = serializers.DecimalField(20, 8, min_value=0)
    loq_ppm = serializers.DecimalField(20, 8, min_value=0)
    range_low_ppm = serializers.DecimalField(20, 8, min_value=0)
    range_high_ppm = serializers.DecimalField(20, 8, min_value=0)
    recovery_pct = serializers.DecimalField(6, 2, min_value=0)
    u_relative = serializers.DecimalField(7, 5, min_value=0, help_text="0.03 is 3 %.")
    evidence = serializers.CharField()
    validated_on = serializers.DateField()
    review_on = serializers.DateField()


class AccreditationSerializer(serializers.Serializer[Any]):
    """A method's accreditation; analyte empty: all of them."""

    id = serializers.UUIDField()
    method = serializers.UUIDField(source="method_id")
    analyte = serializers.CharField()
    range_low_ppm = serializers.DecimalField(20, 8, allow_null=True)
    range_high_ppm = serializers.DecimalField(20, 8, allow_null=True)
    body = serializers.CharField()
    number = serializers.CharField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField()


class NewAccreditation(StrictSerializer):
    """An accreditation to record."""

    method = serializers.UUIDField()
    analyte = serializers.CharField(required=False, allow_blank=True)
    range_low_ppm = serializers.DecimalField(20, 8, required=False, allow_null=True, min_value=0)
    range_high_ppm = serializers.DecimalField(20, 8, required=False, allow_null=True, min_value=0)
    body = serializers.CharField()
    number = serializers.CharField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField()


class CompetenceSerializer(serializers.Serializer[Any]):
    """That a person was found able to do something by a method."""

    id = serializers.UUIDField()
    method = serializers.UUIDField(source="method_id")
    person = serializers.UUIDField(source="person_id")
    able_to = serializers.CharField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField()
    evidence = serializers.CharField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawn_reason = serializers.CharField()


class NewCompetence(StrictSerializer):
    """A competence to record."""

    method = serializers.UUIDField()
    person = serializers.UUIDField()
    able_to = serializers.CharField(help_text=", ".join(CompetentTo))
    valid_from = serializers.DateField()
    valid_to = serializers.DateField()
    evidence = serializers.CharField()


class Withdrawal(StrictSerializer):
    """Why a competence is withdrawn."""

    reason = serializers.CharField()
