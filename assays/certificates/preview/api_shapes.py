"""Shapes of the preview's API."""

from typing import Any

from rest_framework import serializers

from lims.api.serializers import StrictSerializer


class ProblemLineSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(allow_null=True, help_text="Row of the file, from 1; null: all of it.")
    column = serializers.IntegerField(allow_null=True, help_text="Column of the file, from 1.")
    cell = serializers.CharField()
    severity = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField()


class RowLeft(StrictSerializer):
    number = serializers.IntegerField(min_value=1, help_text="Row of the file, from 1.")
    leave = serializers.BooleanField()


class TaughtLayout(StrictSerializer):
    name = serializers.CharField(max_length=60)
    mapping = serializers.DictField(
        help_text="headings_row, headings_rows, sample_column, type_column, decimal_comma, and columns: a list of "
        "column, symbol, unit, method. Rows and columns count from 1; the digest of the headings is made here."
    )


class AcceptedMatchesSerializer(serializers.Serializer[Any]):
    settled = serializers.IntegerField(help_text="Rows settled by sure suggestions.")


class ElementSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    ppm = serializers.FloatField(allow_null=True, help_text="Content of the row, ppm of the element.")
    median = serializers.FloatField(allow_null=True, help_text="Median of the file's rows, ppm.")
    row_over = serializers.FloatField(allow_null=True, help_text="The row over CI chondrite.")
    median_over = serializers.FloatField(allow_null=True)


class LineSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # a serializer has a label of its own
    around = serializers.JSONField(help_text="The file's own lines: row number and cells.")
    explained = serializers.ListField(child=serializers.CharField())
    pattern = ElementSerializer(many=True)
