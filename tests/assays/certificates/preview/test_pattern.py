"""The picture of a row's rare earths, and its table."""

import xml.etree.ElementTree as ET  # our own picture is parsed

from assays.certificates.preview.pattern import drawn, elements

ROW = {"La": 0.237, "Ce": 6.13, "Dy": 24.6}


def test_elements_stand_in_the_order_of_a_pattern_over_chondrite():
    found = elements(ROW, {"Dy": 2.46, "Lu": 0.246, "Fe": 3.0})
    told = [(one.name, one.ppm, one.median, one.row_over, one.median_over) for one in found]
    assert [name for name, *_ in told] == ["La", "Ce", "Dy", "Lu"]
    assert told[0] == ("La", 0.237, None, 1.0, None)
    assert [round(told[2][3], 6), round(told[2][4], 6)] == [100.0, 10.0]
    assert told[3][1:4] == (None, 0.246, None)


def test_a_picture_has_a_name_a_point_for_each_element_and_no_style_of_its_own():
    picture = drawn(elements(ROW, {"La": 0.237, "Ce": 0.613, "Dy": 0.246}), "<b>A</b>")
    tree = ET.fromstring(picture)  # noqa: S314  # ours
    space = "{http://www.w3.org/2000/svg}"
    names = [one.tag.removeprefix(space) for one in tree.iter()]
    assert names.count("circle") == 3
    assert tree.attrib["aria-label"].startswith("Rare earths of <b>A</b> over CI chondrite")
    assert "style=" not in picture
    # La at 1, Ce at 10, Dy at 100 times: evenly apart on a logarithmic axis
    heights = [float(one.attrib["cy"]) for one in tree.iter() if one.tag.endswith("circle")]
    assert heights == [220.0, 117.0, 14.0]


def test_two_elements_are_no_pattern():
    assert drawn(elements({"La": 1.0, "Ce": 2.0}, {}), "A") == ""
