"""Headings as laboratories and surveys write them; what says something about a value is not one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.chemistry.headings import ELEMENTS, Analyte, analyte_of, names_a_value, read_heading
from assays.chemistry.oxides import OXIDES

DY = Analyte("Dy", "element", None)
DY2O3 = Analyte("Dy", "oxide", "Dy2O3")


@pytest.mark.parametrize(
    ("heading", "analyte", "unit", "method"),
    [
        ("Dy_ppm", DY, "ppm", ""),
        ("DY(PPM)", DY, "PPM", ""),
        ("dy ppm", DY, "ppm", ""),
        ("Dy [ppm]", DY, "ppm", ""),
        ("Dy-ppm", DY, "ppm", ""),
        ("Dy.ppm", DY, "ppm", ""),
        ("Dy/ppm", DY, "ppm", ""),
        ("Dy,ppm", DY, "ppm", ""),
        ("Dy: ppm", DY, "ppm", ""),
        ("Dy\nppm", DY, "ppm", ""),
        ("Dy (mg/kg)", DY, "mg/kg", ""),
        ("Dy µg/g", DY, "µg/g", ""),
        ("Dy mg/L", DY, "mg/L", ""),
        ("Dy ppt", DY, "ppt", ""),
        ("Dy2O3 %", DY2O3, "%", ""),
        ("Dy2O3%", DY2O3, "%", ""),
        ("Dy2O3_wt%", DY2O3, "wt%", ""),
        ("Dy2O3 (wt. %)", DY2O3, "wt%", ""),
        ("Dy2O3 pct", DY2O3, "pct", ""),
        ("Dy₂O₃ %", DY2O3, "%", ""),
        ("DY2O3", DY2O3, "", ""),
        ("Tb (ppm) ME-MS81", Analyte("Tb", "element", None), "ppm", "ME-MS81"),
        ("Dy_ME-MS81_ppm", DY, "ppm", "ME-MS81"),
        ("Dy ME-MS81", DY, "", "ME-MS81"),
        ("DY_PPM_MS81", DY, "PPM", "MS81"),
        ("Dy (ppm) 4-acid ICP-MS", DY, "ppm", "4-acid ICP-MS"),
        ("Fe2O3(T) %", Analyte("Fe", "oxide", "Fe2O3"), "%", ""),
        ("FeOT %", Analyte("Fe", "oxide", "FeO"), "%", ""),
        ("CO2 %", Analyte("C", "oxide", "CO2"), "%", ""),
        ("Co ppm", Analyte("Co", "element", None), "ppm", ""),
        ("LOI 1000 %", Analyte("LOI", None, None), "%", ""),
        ("Total %", Analyte("Total", None, None), "%", ""),
        ("Recvd Wt.", Analyte("Weight", None, None), "", ""),
    ],
)
def test_a_heading_names_analyte_unit_and_method(heading, analyte, unit, method):
    read = read_heading(heading)
    assert read is not None
    assert (read.analyte, read.unit, read.method) == (analyte, unit, method)


@pytest.mark.parametrize(
    "heading",
    [
        "",
        "Collector",
        "X",
        "No",
        "As received",
        "In situ",
        "Dy ppm LOD",
        "Dy ppm error",
        "Dy RSD %",
        "Dy ppm 2s",
        "Dy ppm 0.05",
        "Dy ppm %",
        "Total REE ppm",
        "TREO ppm",
        "163Dy ppm",
        "ppm",
    ],
)
def test_what_is_no_heading_of_a_value_is_left(heading):
    assert read_heading(heading) is None


@pytest.mark.parametrize(
    ("heading", "seems"),
    [
        ("Dy ppm LOD", True),
        ("163Dy ppm", True),
        ("TREO ppm", True),
        ("Dy N", True),
        ("Collector", False),
        ("Sample type", False),
        ("", False),
    ],
)
def test_a_column_that_seems_to_count_something_is_told_apart(heading, seems):
    assert names_a_value(heading) is seems


@given(symbol=st.sampled_from(sorted(ELEMENTS | OXIDES)), unit=st.sampled_from(["ppm", "%", "ppb", "g/t"]))
def test_every_symbol_is_read_in_its_own_case_with_any_unit(symbol, unit):
    counted = analyte_of(symbol)
    assert counted is not None
    assert (counted.oxide or counted.analyte) == symbol
    for heading in (f"{symbol}_{unit}", f"{symbol} ({unit})", f" {symbol} [{unit}] "):
        read = read_heading(heading)
        assert read is not None
        assert (read.analyte, read.unit, read.method) == (counted, unit, "")


@given(text=st.text(max_size=40))
def test_no_text_breaks_it(text):
    read = read_heading(text)
    assert read is None or read.analyte == analyte_of(read.analyte.oxide or read.analyte.analyte)
