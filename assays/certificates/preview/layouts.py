"""Layouts that a laboratory taught: which profile reads a file, and by which conventions."""

import json
from collections.abc import Mapping as Dict
from dataclasses import replace
from typing import Any

from assays.catalogue.models import Profile as KeptProfile
from assays.catalogue.queries import laboratory_called, newest_profiles, profile_for
from assays.certificates.models import Upload
from assays.certificates.reading import Profile, Reading, read
from assays.certificates.reading.mapping import Mapping
from assays.certificates.reading.sheet import Sheet, read_sheet
from assays.certificates.reading.taught import fitting, headings_digest
from assays.certificates.rows import day_of
from lims.errors import invalid


def mapping_of(profile: KeptProfile | None) -> Mapping | None:
    """Return the layout that was taught with a profile; None where none was."""
    return Mapping.from_dict(profile.mapping) if profile is not None and profile.mapping else None


def conventions_of(profile: KeptProfile | None) -> Profile:
    """Return what a profile says of cells, with the decimal sign of its layout."""
    said = Profile.from_dict(profile.conventions) if profile is not None else Profile()
    mapping = mapping_of(profile)
    return replace(said, decimal_comma=True) if mapping is not None and mapping.decimal_comma else said


def fitting_profile(upload: Upload, content: bytes) -> KeptProfile | None:
    """Return the profile whose layout was taught on this file's very headings by the laboratory that brings it in.

    Raises `Invalid` as `read_sheet`. One query; the file is looked at only where something was taught.
    """
    taught = [(one, mapping) for one in newest_profiles(upload.kept_by) if (mapping := mapping_of(one))]
    if not taught:
        return None
    sheet = read_sheet(content, name=upload.file_name)
    return next((one for one, mapping in taught if fitting(sheet, [mapping]) is not None), None)


def issuers_profile(upload: Upload, reading: Reading) -> KeptProfile | None:
    """Return the profile of the laboratory that a file names as its issuer, in force on the file's day; None without one."""
    issuer = laboratory_called(reading.laboratory)
    on = day_of(upload, reading)
    return profile_for(issuer, on, upload.method) if issuer is not None else None


def read_by(profile: KeptProfile | None, content: bytes, name: str) -> Reading:
    """Return how a file is understood by a profile; the same at its preview and at its commit. Raises `Invalid`."""
    mapping = mapping_of(profile)
    mappings = [mapping] if mapping is not None else []
    return read(content, name=name, profile=conventions_of(profile), mappings=mappings)


def said_mapping(sheet: Sheet, said: Dict[str, Any]) -> Mapping:
    """Return what a person says of a sheet's columns as a layout, with the digest of its headings.

    Raises `Invalid` ("mapping-malformed", "unit-unknown", "headings-unknown").
    """
    if r"\u0000" in json.dumps(said):
        # no text of the database holds it
        raise invalid(
            "mapping-malformed", "A sign is none that can be kept.", "Type it again.", field="columns"
        )
    row, rows = said.get("headings_row"), said.get("headings_rows", 1)
    whole = isinstance(row, int) and isinstance(rows, int) and not isinstance(row, bool)
    if not whole or not 1 <= row <= len(sheet.rows) or rows < 1:  # type: ignore[operator]  # whole numbers
        raise invalid(
            "headings-unknown",
            "The file has no such row.",
            "Say in which row the headings stand.",
            field="head",
        )
    assert isinstance(row, int)
    return Mapping.from_dict({**said, "headings_sha256": headings_digest(sheet, row, rows)})


def comma_profile(upload: Upload) -> KeptProfile | None:
    """Return the profile that reads a decimal comma, where the file seems to have one and is not read by it; or None."""
    commas = any(one["code"] == "decimal-comma" for one in upload.findings)
    if not commas or conventions_of(upload.profile).decimal_comma or upload.laboratory is None:
        return None
    known = newest_profiles(upload.laboratory)
    # A profile with a layout of its own would read other columns: only conventions are offered.
    return next((one for one in known if not one.mapping and conventions_of(one).decimal_comma), None)
