"""When a suggestion is sure, and in what a row differs from its file."""

import pytest

from assays.certificates.preview.rules import explained, standing_out, sure

TAG = {"kind": "SAMPLE", "label": "KC-000123-J", "id": "1"}
OTHER = {"kind": "SAMPLE", "label": "KC-000124-L", "id": "2"}
MATERIAL = {"kind": "CRM", "label": "OREAS 460", "id": "3"}
MEDIAN = {"La": 10.0, "Ce": 20.0, "Nd": 8.0, "Dy": 1.0, "Yb": 0.5}


@pytest.mark.parametrize(
    ("label", "meant"),
    [
        ("kc 000123 j", TAG),
        ("KC000123", TAG),
        ("KC-000123-K", None),
        ("KC-00123-J", None),
        ("oreas_460", MATERIAL),
        ("OREAS 46", None),
        ("J", None),
        ("", None),
    ],
)
def test_only_the_same_signs_or_a_tag_without_its_check_character_are_sure(label, meant):
    assert sure(label, [TAG, OTHER, MATERIAL]) == meant


def test_two_things_that_fit_are_never_sure():
    assert sure("KC000123", [TAG, {**TAG, "label": "KC-000123-K"}]) is None


def test_an_element_that_lies_elsewhere_than_the_rest_of_its_row_stands_out_whatever_the_level_of_the_row():
    row = {name: 7 * ppm for name, ppm in MEDIAN.items()}
    assert standing_out(row, MEDIAN) == {}
    assert standing_out({**row, "Dy": 7000.0}, MEDIAN) == {"Dy": 1000.0}
    assert explained({**row, "Dy": 28.0}, MEDIAN) == [
        "Dy is 4 times more than the rest of the row leads one to expect: compare its column with the file."
    ]


def test_too_few_elements_say_nothing():
    assert standing_out({"La": 10.0, "Ce": 20.0, "Nd": 8000.0}, MEDIAN) == {}
    assert standing_out({}, {}) == {}
