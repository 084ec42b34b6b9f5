"""The files of layouts that tests read, and what was read of them as plain texts."""

from pathlib import Path

from assays.certificates.reading import read

FILES = Path(__file__).parents[3] / "files" / "layouts"


def content(name):
    return (FILES / name).read_bytes()


def reading(name, **said):
    return read(content(name), name=name, **said)


def plain(number):
    return "" if number is None else format(number, "f")


def values(found):
    """Return sample, what, method, raw, qualifier, value, limit, unit, ppm, row and column of every value."""
    return [
        (
            one.sample, one.oxide or one.analyte, one.method, one.raw, one.qualifier,
            plain(one.value), plain(one.limit), one.unit, plain(one.ppm), *one.place,
        )
        for one in found.determinations
    ]  # fmt: skip


def findings(found):
    """Return severity, code, and row and column in the file of every finding."""
    return [(one.severity, one.code, *one.place) for one in found.findings]


def rows(found):
    return [(one.number, one.sample, one.kind) for one in found.rows]
