"""The template of a method: a laboratory fills it in, as XLSX or CSV, and every value is read back exactly."""

import csv
import io
import re
import zipfile
from decimal import Decimal

import pytest
from django.urls import reverse

from assays.catalogue import services
from assays.certificates.reading import read
from assays.certificates.reading.sheet import read_sheet
from assays.certificates.template import (
    Template,
    TemplateColumn,
    csv_template,
    lines_of,
    template_of,
    xlsx_template,
)
from lims.errors import Invalid
from lims.verbs import SystemActor
from tests.assays.certificates.reading.layouts import findings, reading, rows, values
from tests.support.people import organisation

TEMPLATE = Template(
    "Nuclear Fuel Complex",
    ("ME-MS81", "ME-XRF"),
    (
        TemplateColumn("Dy", "ME-MS81", "ppm", Decimal("0.0500"), Decimal("1000.00")),
        TemplateColumn("Tb4O7", "ME-XRF", "%"),
        TemplateColumn("LOI", "OA-GRA05", "kg/t"),
    ),
)
FIRST = 15
FILLED = [
    ("007", "sample", "36.5", "0.0042", "12"),
    ("KC-02", "", "<0.05", "NSS", ""),
    ("OREAS 100a", "standard", "23.25", "LNR", "pending"),
]
READ = [
    ("007", "Dy", "ME-MS81", "36.5", "", "36.5", "", "ppm", "36.5", 15, 3),
    ("007", "Tb4O7", "ME-XRF", "0.0042", "", "0.0042", "", "%", "42.0000", 15, 4),
    ("007", "LOI", "OA-GRA05", "12", "", "12", "", "kg/t", "", 15, 5),
    ("KC-02", "Dy", "ME-MS81", "<0.05", "<", "", "0.05", "ppm", "", 16, 3),
    ("KC-02", "Tb4O7", "ME-XRF", "NSS", "insufficient-sample", "", "", "%", "", 16, 4),
    ("KC-02", "LOI", "OA-GRA05", "", "blank", "", "", "kg/t", "", 16, 5),
    ("OREAS 100a", "Dy", "ME-MS81", "23.25", "", "23.25", "", "ppm", "23.25", 17, 3),
    ("OREAS 100a", "Tb4O7", "ME-XRF", "LNR", "not-requested", "", "", "%", "", 17, 4),
    ("OREAS 100a", "LOI", "OA-GRA05", "pending", "pending", "", "", "kg/t", "", 17, 5),
]


def filled_csv(content, lines):
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines)
    return content + out.getvalue().encode()


def parts(content):
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name) for name in book.namelist()}


def filled_xlsx(content, lines):
    """Type rows into the first sheet, as a person does: what looks like a number outside the labels becomes one."""

    def cell(text, place):
        if place[0] > "B" and re.fullmatch(r"[0-9.]+", text):
            return f'<c r="{place}"><v>{text}</v></c>'
        return f'<c r="{place}" t="inlineStr"><is><t>{text.replace("<", "&lt;")}</t></is></c>' if text else ""

    made = "".join(
        f'<row r="{number}">{"".join(cell(text, f"{letter}{number}") for letter, text in zip("ABCDE", line, strict=True))}</row>'
        for number, line in enumerate(lines, FIRST)
    )
    known = parts(content)
    sheet = "xl/worksheets/sheet1.xml"
    known[sheet] = known[sheet].replace(b"</sheetData>", made.encode() + b"</sheetData>")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in known.items():
            book.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(("make", "fill"), [(csv_template, filled_csv), (xlsx_template, filled_xlsx)])
def test_what_is_filled_in_is_read_back(make, fill):
    found = read(fill(make(TEMPLATE), FILLED))
    assert (found.layout, found.laboratory, found.certificate, found.status) == (
        "template",
        "Nuclear Fuel Complex",
        "",
        "final",
    )
    assert values(found) == READ
    assert rows(found) == [(15, "007", "sample"), (16, "KC-02", ""), (17, "OREAS 100a", "standard")]
    assert [(one.lower, one.upper) for one in found.columns] == [(Decimal("0.05"), Decimal(1000)), (None, None), (None, None)]  # fmt: skip
    assert findings(found) == []


def test_both_kinds_say_the_same():
    from_csv, from_xlsx = (read_sheet(make(TEMPLATE)).rows for make in (csv_template, xlsx_template))
    trimmed = [[cell for cell in row if cell] for row in from_xlsx]
    assert trimmed == [[cell for cell in row if cell] for row in from_csv]
    assert [[cell for cell in row if cell] for row in lines_of(TEMPLATE)] == trimmed


def test_the_spreadsheet_has_drop_downs_and_no_formula():
    known = parts(xlsx_template(TEMPLATE))
    sheet = known["xl/worksheets/sheet1.xml"].decode()
    found = re.findall(
        r'<dataValidation type="list"([^>]*)sqref="([A-Z0-9:]+)"[^>]*><formula1>([^<]+)', sheet
    )
    assert {(place, source, 'errorStyle="warning"' in how) for how, place, source in found} == {
        ("B4", "Lists!$A$1:$A$2", False),
        ("C10:O10", "Lists!$B$1:$B$2", True),
        ("C11:O11", "Lists!$C$1:$C$6", True),
        ("B15:B514", "Lists!$D$1:$D$4", False),
    }
    assert not any(b"<f>" in data for name, data in known.items() if name.startswith("xl/worksheets/"))
    assert 'state="hidden"' in known["xl/workbook.xml"].decode()


def test_a_code_that_a_spreadsheet_would_run_is_made_harmless():
    evil = Template("=cmd()", ("+M",), (TemplateColumn("Dy", "=1+1", "ppm"),))
    assert b"'=cmd()" in csv_template(evil)
    assert b"'=1+1" in csv_template(evil)
    assert not any(
        b"<f>" in data for name, data in parts(xlsx_template(evil)).items() if "worksheets" in name
    )


def test_one_that_nobody_filled_in_is_refused():
    with pytest.raises(Invalid) as refusal:
        read(csv_template(TEMPLATE), name="t.csv")
    assert [(one.code, one.place.file) for one in refusal.value.problems] == [("not-a-certificate", "t.csv")]


def test_what_a_laboratory_says_of_its_certificate_is_read():
    found = reading("template/filled.csv")
    assert (found.laboratory, found.certificate, found.status, found.stated_samples) == (
        "Nuclear Fuel Complex, Hyderabad",
        "NFC-26-0007",
        "preliminary",
        2,
    )
    assert (str(found.received_on), str(found.finalized_on)) == ("2026-11-03", "2026-11-17")
    assert found.version_note == "Corrected copy: Tb of KC-02 was measured again"
    assert len(values(found)) == 19
    assert findings(found) == [
        ("note", "re-issue", None, None),
        ("note", "duplicate-column", None, 5),
        ("error", "decimal-comma", 18, 5),
        ("warning", "unit-in-cell", 19, 6),
    ]


def test_every_defect_is_named_at_its_place():
    found = reading("template/defects.csv")
    assert len(values(found)) == 12
    assert sorted(findings(found), key=lambda one: (one[2] or 0, one[3] or 0)) == [
        ("warning", "dates-reversed", None, None),
        ("error", "unit-of-liquid", None, 4),
        ("error", "unit-missing", None, 5),
        ("error", "unit-unknown", None, 6),
        ("warning", "limit-unreadable", 12, 6),
        ("warning", "beyond-limits", 15, 3),
        ("error", "duplicate-id", 16, 1),
        ("warning", "beyond-limits", 16, 3),
        ("error", "sample-id-missing", 17, 1),
        ("error", "qualifier-needs-profile", 17, 3),
        ("error", "cells-too-few", 18, 3),
    ]


# --- From the catalogue, on screen and over the API -------------------------------------------------


@pytest.fixture
def method(db):
    actor, laboratory = SystemActor("tests"), organisation("nfc")
    facts = {"name": "Traces", "technique": "ICP-MS", "digestion": "Fusion", "basis": "total-fusion"}
    services.add_method(actor=actor, laboratory=laboratory, code="A 1/x", **facts)
    made = services.add_method(actor=actor, laboratory=laboratory, code="ME/MS 81", **facts)
    services.set_method_analyte(
        actor=actor, method=made, analyte="Dy", unit="ppm", lower_limit=Decimal("0.05")
    )
    services.set_method_analyte(actor=actor, method=made, analyte="Tb", oxide="Tb4O7", unit="%")
    return made


def test_a_method_s_template_has_what_it_reports(method):
    found = template_of(method)
    assert found.laboratory == method.laboratory.name
    assert found.methods == ("A 1/x", "ME/MS 81")
    assert [(one.symbol, one.method, one.unit, one.lower, one.upper) for one in found.columns] == [
        ("Dy", "ME/MS 81", "ppm", Decimal("0.05"), None),
        ("Tb4O7", "ME/MS 81", "%", None, None),
    ]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_it_is_given_by_page_and_by_api(method, signed_in, person, form):
    client = signed_in(person("technician", "nfc"))
    listed = client.get(reverse("certificates:templates"))
    address = reverse(f"certificates:template_{form}", args=[method.pk])
    assert address in listed.content.decode()
    by_page = client.get(address)
    by_api = client.get(reverse("api-certificate-template", args=[method.pk]), {"form": form})
    for answer in (by_page, by_api):
        assert answer.status_code == 200
        assert answer["Content-Disposition"] == f'attachment; filename="ME_MS_81-template.{form}"'
        assert ["Sample", "Type", "Dy", "Tb4O7"] in [list(row) for row in read_sheet(answer.content).rows]


def test_no_method_and_no_such_kind_are_answered_by_name(method, signed_in, person):
    client = signed_in(person("technician", "nfc"))
    address = reverse("api-certificate-template", args=[method.pk])
    unknown = address.replace(str(method.pk), "0198c0de-0000-7000-8000-000000000000")
    assert client.get(address, {"form": "pdf"}).status_code in {400, 422}
    assert client.get(unknown).status_code == 404
    assert client.get(unknown).json()["code"] == "not-found"
