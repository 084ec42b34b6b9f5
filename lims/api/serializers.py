"""Shaping what is sent: a field that nobody knows is refused, not ignored."""

from typing import Any

from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer for input. An unknown field is refused ("field-unknown"): a typing slip must not lose a value."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated values; raises `ValidationError`."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            known = ", ".join(self.fields)
            raise serializers.ValidationError(
                {
                    name: [
                        serializers.ErrorDetail(f"There is no such field. Known: {known}.", "field-unknown")
                    ]
                    for name in unknown
                }
            )
        return super().to_internal_value(data)
