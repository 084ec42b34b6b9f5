"""Shapes of typed results in the API."""

from typing import Any

from rest_framework import serializers

from assays.certificates.entry.checks import Look
from assays.certificates.entry.queries import Cell, State
from assays.certificates.entry.rules import LONGEST, Clash, TypedColumn
from lims.api.serializers import StrictSerializer


class NewGrid(StrictSerializer):
    """A run to type results for; the method where the run itself names none."""

    run = serializers.UUIDField()
    method = serializers.UUIDField(required=False, allow_null=True, default=None)


class TypedCell(StrictSerializer):
    """A cell as it was typed: column from 0, and the version of it that was seen (0: an empty one)."""

    item = serializers.UUIDField()
    column = serializers.IntegerField(min_value=0, max_value=32_000)
    # One that is too long, or has signs that cannot be shown, is refused by the verb, with its own words.
    raw = serializers.CharField(max_length=10 * LONGEST, allow_blank=True, trim_whitespace=False)
    seen = serializers.IntegerField(min_value=0, max_value=2_000_000_000, default=0)


class TypedCells(StrictSerializer):
    """Cells to keep, and the version of the grid that is known: what others changed since is in the answer."""

    cells = TypedCell(many=True)
    since = serializers.IntegerField(min_value=0, max_value=2_000_000_000, default=0)


class Submission(StrictSerializer):
    """The version of the grid that is submitted."""

    version = serializers.IntegerField(min_value=0, max_value=2_000_000_000)


class GridNoteSerializer(serializers.Serializer[Any]):
    """Something to look at: an "error" cannot be submitted so; a "warning" or "note" can."""

    severity = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField()


class GridColumnSerializer(serializers.Serializer[Any]):
    """A column; limits are the method's, in its unit."""

    number = serializers.IntegerField()
    heading = serializers.CharField()
    analyte = serializers.CharField()
    oxide = serializers.CharField()
    unit = serializers.CharField()
    method = serializers.CharField()
    lower = serializers.CharField(allow_null=True)
    upper = serializers.CharField(allow_null=True)


class GridRowSerializer(serializers.Serializer[Any]):
    """A row; `kind` is null while people at the bench work with codes."""

    item = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]  # a serializer has a label of its own
    position = serializers.IntegerField(allow_null=True)
    kind = serializers.CharField(allow_null=True)
    notes = GridNoteSerializer(many=True)


class GridCellSerializer(serializers.Serializer[Any]):
    """A cell with how it was read: `mark` is "" for a value, "<", ">", a word for what is missing, "!" not understood."""

    item = serializers.UUIDField()
    column = serializers.IntegerField()
    raw = serializers.CharField()
    version = serializers.IntegerField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    mark = serializers.CharField()
    notes = GridNoteSerializer(many=True)


class GridClashSerializer(serializers.Serializer[Any]):
    """A cell that somebody else changed meanwhile: yours was not kept; seen with this version, it would be."""

    item = serializers.UUIDField()
    column = serializers.IntegerField()
    yours = serializers.CharField()
    theirs = serializers.CharField()
    version = serializers.IntegerField()
    by = serializers.CharField()
    at = serializers.DateTimeField()


class GridSerializer(serializers.Serializer[Any]):
    """All of a grid; `profile` says by what cells are read."""

    id = serializers.UUIDField()
    run = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.CharField()
    profile = serializers.CharField(allow_null=True)
    columns = GridColumnSerializer(many=True)
    rows = GridRowSerializer(many=True)
    cells = GridCellSerializer(many=True)


class GridRowNotesSerializer(serializers.Serializer[Any]):
    """What is to be looked at in a row."""

    item = serializers.UUIDField()
    notes = GridNoteSerializer(many=True)


class GridChangesSerializer(serializers.Serializer[Any]):
    """What changed since a version: cells, and notes on their rows; clashes of the save that asked."""

    version = serializers.IntegerField()
    cells = GridCellSerializer(many=True)
    rows = GridRowNotesSerializer(many=True)
    clashes = GridClashSerializer(many=True)


def column(one: TypedColumn, number: int) -> dict[str, Any]:
    """Return a column as plain data."""
    limits = {
        name: None if limit is None else f"{limit.normalize():f}"
        for name, limit in (("lower", one.lower), ("upper", one.upper))
    }
    return {"number": number, "heading": one.heading(one.method), **one.as_dict(), **limits}


def _notes(notes: Any) -> list[dict[str, str]]:
    return [note.as_dict() for note in notes]


def cell(one: Cell) -> dict[str, Any]:
    """Return a cell as plain data."""
    kept, look = one.cell, one.look
    return {
        "item": str(kept.item_id),
        "column": kept.column,
        "raw": kept.raw,
        "version": kept.version,
        "by": kept.changed_by.name,
        "at": kept.changed_at,
        **_look(look),
    }


def _look(look: Look) -> dict[str, Any]:
    return {"mark": look.mark, "notes": _notes(look.notes)}


def clash(one: Clash) -> dict[str, Any]:
    """Return a clash as plain data."""
    names = ("column", "yours", "theirs", "version", "by", "at")
    return {"item": str(one.item), **{name: getattr(one, name) for name in names}}


def grid(state: State) -> dict[str, Any]:
    """Return all of a grid as plain data."""
    one = state.grid
    done = "submitted" if one.upload_id is not None else "discarded" if one.discarded_at else "open"
    return {
        "id": str(one.pk),
        "run": str(one.run_id),
        "number": one.run.number,
        "version": one.version,
        "state": done,
        "profile": None if state.profile is None else str(state.profile),
        "columns": [column(each, at) for at, each in enumerate(state.columns)],
        "rows": [
            {
                "item": str(line.item.pk),
                "label": line.item.label,
                "position": line.item.position,
                "kind": line.kind,
                "notes": _notes(line.notes),
            }
            for line in state.rows
        ],
        "cells": [cell(each) for each in state.cells],
    }


def changes(version: int, cells: Any, rows: Any, clashes: Any = ()) -> dict[str, Any]:
    """Return what changed as plain data."""
    return {
        "version": version,
        "cells": [cell(one) for one in cells],
        "rows": [{"item": str(item), "notes": _notes(notes)} for item, notes in rows.items()],
        "clashes": [clash(one) for one in clashes],
    }
