"""Shapes of what the API of the field application answers and of what is sent to it."""

from typing import Any

from rest_framework import serializers

from lims.api.serializers import StrictSerializer
from samples.field.rules import Answer
from samples.registry.api_shapes import Moment

# --- What is answered -------------------------------------------------------------------------------


class DevicePersonSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class DevicePartSerializer(DevicePersonSerializer):
    kind = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())


class WelcomeSerializer(serializers.Serializer[Any]):
    csrf_token = serializers.CharField(help_text="For X-CSRFToken: pages of the application are cached.")
    person = DevicePersonSerializer()


class EnrolledSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="For “Authorization: Device <token>”; shown once.")
    person = DevicePersonSerializer()
    organisations = DevicePartSerializer(many=True)
    server_key = serializers.CharField(
        help_text="P-256, uncompressed point, base64url: what is sealed to us."
    )
    offline_days = serializers.IntegerField(help_text="Days without contact after which one signs in again.")
    server_time = serializers.DateTimeField()


class DeviceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    person = DevicePersonSerializer()
    enrolled_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField(allow_null=True)
    unsent = serializers.IntegerField(
        allow_null=True, help_text="Records that waited on it at its last contact."
    )
    clock_offset_s = serializers.DecimalField(
        12, 1, allow_null=True, help_text="By how much its clock was ahead of ours, s."
    )
    app_version = serializers.CharField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    revoked_reason = serializers.CharField()


class AnswerSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(allow_null=True)
    sequence = serializers.IntegerField(allow_null=True)
    answer = serializers.ChoiceField([str(answer) for answer in Answer])
    code = serializers.CharField()
    message = serializers.CharField()
    field = serializers.CharField(allow_null=True)
    what_to_do = serializers.CharField()
    result = serializers.DictField(allow_null=True)


class SyncedSerializer(serializers.Serializer[Any]):
    server_time = serializers.DateTimeField()
    device = serializers.ChoiceField(["active", "revoked"])
    answers = AnswerSerializer(many=True, help_text="In the order in which the operations were sent.")
    cursor = serializers.CharField()
    full = serializers.BooleanField(help_text="Whether `changes` replaces what the device holds.")
    changes = serializers.DictField(help_text="Kind → things that changed; {id, gone: true} for what ended.")


class CarriedSerializer(serializers.Serializer[Any]):
    server_time = serializers.DateTimeField()
    device = serializers.ChoiceField(["active", "revoked"])
    answers = AnswerSerializer(many=True)
    photographs = serializers.IntegerField(help_text="Photographs that were in the file.")


class PhotographPartSerializer(serializers.Serializer[Any]):
    received = serializers.IntegerField(help_text="Bytes that are here: go on from there.")
    size = serializers.IntegerField(allow_null=True)
    finished = serializers.BooleanField(help_text="Whether it is whole and its SHA-256 fits.")


class SettledSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    device = serializers.UUIDField(source="device_id")
    sequence = serializers.IntegerField()
    kind = serializers.CharField()
    state = serializers.CharField()
    made_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    code = serializers.CharField()
    message = serializers.CharField()
    settled_at = serializers.DateTimeField(allow_null=True)
    settled_reason = serializers.CharField()


# --- What is sent -----------------------------------------------------------------------------------


class NewDevice(StrictSerializer):
    id = serializers.UUIDField(help_text="Made by the device, a UUIDv7; the same again renews its login.")
    name = serializers.CharField(max_length=100)
    public_key = serializers.CharField(max_length=43, help_text="Raw Ed25519 key in base64url.")
    app_version = serializers.CharField(max_length=40, required=False, allow_blank=True)


class NewOperation(StrictSerializer):
    """An act of a person, as the device signed it."""

    payload = serializers.CharField(help_text="JSON: id, device, sequence, kind, made_at, body.")
    signature = serializers.CharField(help_text="Ed25519 over the payload's UTF-8 bytes, base64url.")


class NewSync(StrictSerializer):
    sent_at = Moment()
    app_version = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    unsent = serializers.IntegerField(min_value=0, max_value=2_000_000, required=False, allow_null=True)
    cursor = serializers.CharField(max_length=200, required=False, allow_blank=True, allow_null=True)
    operations = NewOperation(many=True, required=False, help_text="At most 200, and 1 MB in all.")


class NewOutboxFile(StrictSerializer):
    file = serializers.FileField(help_text="As a phone exported it, at most 48 MB.", max_length=200)


class DeviceReason(StrictSerializer):
    reason = serializers.CharField(max_length=500)
