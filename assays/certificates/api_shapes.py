"""Shapes of the certificates' API: what is answered, and what may be sent."""

from typing import Any

from rest_framework import serializers

from assays.certificates.rules import Match, Purpose
from lims.api.serializers import StrictSerializer


class UploadSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kept_by_id = serializers.UUIDField()
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    state = serializers.CharField()
    purpose = serializers.CharField()
    laboratory_id = serializers.UUIDField(allow_null=True)
    number = serializers.CharField()
    profile_id = serializers.UUIDField(allow_null=True)
    method_id = serializers.UUIDField(allow_null=True)
    understood = serializers.JSONField(help_text="Layout and why, dates, columns, counts.")
    findings = serializers.JSONField(help_text="What the reader found, the worst first.")
    problems = serializers.JSONField(help_text="Why it was refused or came back, if it was.")
    certificate_id = serializers.UUIDField(allow_null=True)


class PreviewSerializer(UploadSerializer):
    counts = serializers.JSONField()
    sentence = serializers.CharField(help_text="What committing it would do.")


class UploadRowSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Row of the file, from 1.")
    label = serializers.CharField()  # type: ignore[assignment]  # a serializer has a label of its own
    cells = serializers.JSONField()
    marks = serializers.JSONField(help_text="How each cell was read.")
    match = serializers.CharField()
    sample_id = serializers.UUIDField(allow_null=True)
    material_id = serializers.UUIDField(allow_null=True)
    suggestions = serializers.JSONField()
    problems = serializers.JSONField()
    warnings = serializers.JSONField()


class NewUpload(StrictSerializer):
    kept_by = serializers.UUIDField(help_text="The laboratory for which one brings it in.")
    file = serializers.FileField()
    profile = serializers.UUIDField(required=False)
    method = serializers.UUIDField(required=False)


class Description(StrictSerializer):
    laboratory = serializers.UUIDField(help_text="Who issued it.")
    number = serializers.CharField(max_length=60)
    purpose = serializers.ChoiceField(list(Purpose))
    profile = serializers.UUIDField(required=False, allow_null=True)
    method = serializers.UUIDField(required=False, allow_null=True)


class RowMatch(StrictSerializer):
    number = serializers.IntegerField(min_value=1, max_value=10_000_000)
    match = serializers.ChoiceField([m for m in Match if m != Match.UNMATCHED])
    sample = serializers.UUIDField(required=False)
    material = serializers.UUIDField(required=False)


class UploadCommit(StrictSerializer):
    leave_out = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=10_000_000), required=False
    )
    accept = serializers.BooleanField(
        required=False, help_text="What is wrong with the file as a whole was read and is accepted."
    )


class CertificateSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    run_id = serializers.UUIDField()
    purpose = serializers.CharField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    supersedes_id = serializers.UUIDField(allow_null=True)
    preliminary = serializers.BooleanField()
    version_note = serializers.CharField()
    layout = serializers.CharField()
    received_on = serializers.DateField(allow_null=True)
    finalized_on = serializers.DateField(allow_null=True)
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    rows = serializers.IntegerField()
    determination_count = serializers.IntegerField()
    digest = serializers.CharField(help_text="SHA-256 over its determinations.")
    committed_at = serializers.DateTimeField()


class DeterminationSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    certificate_id = serializers.UUIDField()
    item = serializers.CharField(source="item.label")
    sample_id = serializers.UUIDField(allow_null=True)
    analyte = serializers.CharField()
    form = serializers.CharField()
    oxide = serializers.CharField()
    method = serializers.CharField(source="method_code")
    raw = serializers.CharField(help_text="The cell as it stands in the file.")
    qualifier = serializers.CharField()
    value = serializers.DecimalField(30, 12, allow_null=True, normalize_output=True)
    limit = serializers.DecimalField(30, 12, allow_null=True, normalize_output=True)
    unit = serializers.CharField()
    ppm = serializers.DecimalField(30, 12, allow_null=True, normalize_output=True)
    row = serializers.IntegerField()
    column = serializers.IntegerField()
