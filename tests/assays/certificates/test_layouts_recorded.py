"""Values of files that stand as no table reach the record with their true places, and those of a solution as of the solid."""

from decimal import Decimal

import pytest

from assays.certificates.copying import COLUMNS
from assays.certificates.digests import digest_of_rows
from assays.certificates.models import Determination

pytestmark = pytest.mark.django_db


def committed(desk, text, number):
    upload = desk.read(desk.uploaded(text.encode()))
    upload = desk.read(desk.described(upload, number=number))
    assert [row.problems for row in upload.rows.all()] == [[]] * upload.rows.count()
    return desk.commit(upload)


def told(certificate):
    rows = (
        Determination.objects.filter(certificate=certificate).order_by("row", "column").select_related("item")
    )
    return [
        (
            one.item.label,
            one.analyte,
            one.raw,
            one.qualifier,
            one.unit,
            one.ppm,
            one.limit_ppm,
            one.row,
            one.column,
        )
        for one in rows
    ]


def proved(certificate):
    names = [name for name in COLUMNS if name not in {"certificate_id", "item_id", "sample_id"}]
    kept = Determination.objects.filter(certificate=certificate).order_by("row", "column")
    return digest_of_rows(kept.values_list("item__label", *names))


def test_one_value_a_row(desk):
    a, b = (desk.bench.sample().tag.code for _ in range(2))
    lines = [
        f"{a},Dy,36.5,ppm,ME-MS81",
        f"{b},Tb,<0.01,ppm,ME-MS81",
        f"{a},Tb,4.5,ppm,ME-MS81",
        f"{b},Dy,12,ppb,ME-MS81",
    ]
    made = committed(desk, "\n".join(["Sample,Element,Value,Unit,Method", *lines]), "LONG-1")
    assert told(made) == [
        (a, "Dy", "36.5", "", "ppm", Decimal("36.5"), None, 2, 3),
        (b, "Tb", "<0.01", "<", "ppm", None, Decimal("0.01"), 3, 3),
        (a, "Tb", "4.5", "", "ppm", Decimal("4.5"), None, 4, 3),
        (b, "Dy", "12", "", "ppb", Decimal("0.012"), None, 5, 3),
    ]
    assert made.digest == proved(made)


def test_a_column_a_sample(desk):
    a, b = (desk.bench.sample().tag.code for _ in range(2))
    text = f"Element,Unit,Method,{a},{b}\nDy,ppm,ME-MS81,36.5,<0.05\nTb,ppm,ME-MS81,4.5,NSS\n"
    made = committed(desk, text, "TURNED-1")
    assert told(made) == [
        (a, "Dy", "36.5", "", "ppm", Decimal("36.5"), None, 2, 4),
        (b, "Dy", "<0.05", "<", "ppm", None, Decimal("0.05"), 2, 5),
        (a, "Tb", "4.5", "", "ppm", Decimal("4.5"), None, 3, 4),
        (b, "Tb", "NSS", "insufficient-sample", "ppm", None, None, 3, 5),
    ]
    assert made.digest == proved(made)


def test_a_sequence_of_an_instrument(desk):
    a, b = (desk.bench.sample().tag.code for _ in range(2))
    heads = ",,,163  Dy  [ He ] ,\nSample Name,Weight [g],Volume [mL],Conc. [ ppb ],Conc. RSD\n"
    made = committed(desk, f"{heads}{a},0.1,50,73,1.1\n{b},0.1,50,<0.02,\n", "SEQ-1")
    assert told(made) == [
        (a, "Dy", "73", "", "ug/L", Decimal("36.5"), None, 3, 4),
        (b, "Dy", "<0.02", "<", "ug/L", None, Decimal("0.01"), 4, 4),
    ]
    assert made.digest == proved(made)
