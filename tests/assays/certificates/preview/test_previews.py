"""A preview that is trusted: nothing is written, problems with their places, sure suggestions, layouts taught once."""

import io

import pytest
from django.apps import apps
from django.urls import reverse
from python_calamine import CalamineWorkbook

from assays.catalogue.models import Profile
from assays.certificates.models import Upload
from assays.certificates.preview import services
from assays.certificates.preview.queries import line_of, problem_lines, sure_rows
from assays.certificates.reading.mapping import Mapping
from assays.certificates.reading.sheet import read_sheet
from assays.certificates.reading.taught import headings_digest
from assays.demonstration.due import do_due
from lims.errors import Conflict, Invalid, NotFound, NotPermitted
from tests.assays.certificates.conftest import FIRST

pytestmark = pytest.mark.django_db(transaction=True)
#: what a preview itself is made of, and what keeps the record of it and of the work
OWN = {"assays.upload", "assays.uploadrow"}
#: a plain file whose headings nobody understands
PLAIN = b"Lab report 7\nLabel,What,Value one,Value two\n{0},S,1.5,0.2\nZZ,S,2.5,0.3\n"


def counted():
    models = [one for one in apps.get_models() if one._meta.app_label in {"assays", "samples"}]
    return {
        one._meta.label_lower: one._base_manager.count()
        for one in models
        if one._meta.managed and one._meta.label_lower not in OWN
    }


def plain(tag):
    return PLAIN.replace(b"{0}", tag.encode())


def layout(content, **changed):
    said = {
        "headings_row": 2,
        "sample_column": 1,
        "columns": [
            {"column": 3, "symbol": "Dy", "unit": "ppm"},
            {"column": 4, "symbol": "Tb2O3", "unit": "%"},
        ],
        "headings_sha256": headings_digest(read_sheet(content), 2),
    }
    return Mapping.from_dict(said | changed)


def read_again(upload):
    do_due()
    return Upload.objects.get(pk=upload.pk)


def test_nothing_but_the_preview_is_written_before_the_commit(desk, good):
    sample = desk.bench.sample()
    before = counted()
    upload = desk.preview([(sample.tag.code, ["1.5", "0.2"]), ("J9", ["x?", "1"])], number="HY26000044")
    assert upload.rows.count() == 2
    problem_lines(upload)
    line_of(upload, FIRST)
    assert counted() == before
    desk.commit(upload)
    assert counted()["assays.determination"] == before["assays.determination"] + 2


def test_problems_say_row_column_cell_what_and_what_to_do(desk):
    sample = desk.bench.sample()
    upload = desk.preview([(sample.tag.code, ["=1+1", "0.2"]), ("J9", ["1", "1"])])
    lines = [(one.row, one.column, one.cell, one.code) for one in problem_lines(upload)]
    assert lines == [(FIRST, 2, "=1+1", "cell-unreadable"), (FIRST + 1, None, "J9", "id-unmatched")]


def test_the_spreadsheet_of_problems_holds_no_formula(desk, signed_in):
    upload = desk.preview([(desk.bench.sample().tag.code, ["=1+1", "0.2"])])
    answer = signed_in(desk.technician).get(reverse("certificates:problems", args=[upload.pk]))
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0] == ["Row", "Column", "Cell", "Severity", "Code", "What", "What to do"]
    assert rows[1][:5] == [str(FIRST), "2", "=1+1", "error", "cell-unreadable"]


def test_a_line_stands_beside_its_file_with_its_contents_and_the_files_median(desk):
    tags = [desk.bench.sample().tag.code for _ in range(3)]
    columns = ", ".join(f"ME-MS81 {name} ppm" for name in ("La", "Ce", "Nd", "Dy", "Yb"))
    usual = ["10", "20", "8", "1", "0.5"]
    rows = [(tags[0], usual), (tags[1], usual), (tags[2], ["20", "40", "16000", "2", "<1"])]
    upload = desk.previewed(desk.file(rows, columns=columns))
    seen = line_of(upload, FIRST + 2)
    assert dict(seen.around)[FIRST + 2] == [tags[2], "20", "40", "16000", "2", "<1"]
    assert [number for number, _ in seen.around] == [FIRST - 1, FIRST, FIRST + 1, FIRST + 2]
    assert [(one.text, one.ppm) for one in seen.cells] == [
        ("20", "20"),
        ("40", "40"),
        ("16000", "16000"),
        ("2", "2"),
        ("<1", ""),
    ]
    assert [(one.name, one.ppm, one.median) for one in seen.pattern] == [
        ("La", 20.0, 10.0),
        ("Ce", 40.0, 20.0),
        ("Nd", 16000.0, 8.0),
        ("Dy", 2.0, 1.0),
        ("Yb", None, 0.5),
    ]
    assert [one.split(" than ")[0] for one in seen.explained] == ["Nd is 1000 times more"]
    with pytest.raises(NotFound):
        line_of(upload, 999)


def test_sure_suggestions_are_accepted_at_once_and_near_ones_are_not(desk):
    one, two = desk.bench.sample(), desk.bench.sample()
    short, wrong = one.tag.code[:-1], two.tag.code[:-2] + "#" + two.tag.code[-1]
    upload = desk.preview([(short, ["1", "2"]), (wrong, ["3", "4"])])
    assert [(row.label, found["id"]) for row, found in sure_rows(upload)] == [(short, str(one.pk))]
    assert services.accept_sure(actor=desk.technician, upload=upload) == 1
    rows = [(row.match, row.sample, row.mapped) for row in upload.rows.order_by("number")]
    assert rows == [("SAMPLE", one, True), ("UNMATCHED", None, False)]
    with pytest.raises(Conflict) as error:
        services.accept_sure(actor=desk.technician, upload=upload)
    assert [found.code for found in error.value.problems] == ["nothing-sure"]


def test_two_rows_that_mean_one_sample_are_a_question(desk):
    sample = desk.bench.sample()
    upload = desk.preview([(sample.tag.code[:-1], ["1", "2"]), (sample.tag.code, ["3", "4"])])
    assert sure_rows(upload) == []


def test_a_layout_is_taught_once_and_reads_the_next_file_with_its_headings(desk):
    one, two = desk.bench.sample(), desk.bench.sample()
    first = read_again(desk.uploaded(plain(one.tag.code), name="first.csv"))
    assert first.state == "REFUSED"
    taught = layout(plain(one.tag.code))
    services.teach_layout(actor=desk.technician, upload=first, name="Own table", mapping=taught)
    first = read_again(first)
    assert (first.state, first.understood["layout"]) == ("READ", "taught")
    kept = Profile.objects.get(name="Own table")
    assert (kept.version, kept.laboratory, kept.headings_sha256) == (
        1,
        desk.laboratory,
        taught.headings_sha256,
    )
    assert kept == first.profile
    second = read_again(desk.uploaded(plain(two.tag.code), name="second.csv"))
    assert (second.state, second.profile) == ("READ", kept)
    row = second.rows.get(label=two.tag.code)
    assert (row.sample, row.number, row.cells) == (two, 3, [two.tag.code, "S", "1.5", "0.2"])
    assert [(one["analyte"], one["oxide"], one["unit"]) for one in second.understood["columns"]] == [
        ("Dy", None, "ppm"),
        ("Tb", "Tb2O3", "%"),
    ]


def test_a_row_that_the_file_itself_calls_a_duplicate_is_one(desk):
    one, two = desk.bench.sample(), desk.bench.sample()
    rows = [(one, "Sample"), (one, "Duplicate"), (two, "Sample"), (two, "Sample")]
    lines = [f"{sample.tag.code},{kind},1.5,0.2\n" for sample, kind in rows]
    content = ("Lab report 7\nLabel,What,Value one,Value two\n" + "".join(lines)).encode()
    upload = read_again(desk.uploaded(content))
    taught = layout(content, type_column=2)
    services.teach_layout(actor=desk.technician, upload=upload, name="Typed", mapping=taught)
    found = read_again(upload).rows.order_by("number")
    assert [(row.match, row.sample, [one["code"] for one in row.problems]) for row in found] == [
        ("SAMPLE", one, []),
        ("DUPLICATE", one, []),
        ("SAMPLE", two, []),
        ("SAMPLE", two, ["duplicate-id"]),
    ]


def test_what_is_taught_after_a_preview_changes_nothing_that_was_looked_at(desk):
    sample = desk.bench.sample()
    content = f"Sample,Dy ppm,Tb ppm\n{sample.tag.code},1.5,0.2\n".encode()
    upload = read_again(desk.described(read_again(desk.uploaded(content)), number="P1"))
    other = read_again(desk.uploaded(content + b"ZZ,1,2\n"))
    said = {"headings_row": 1, "sample_column": 1, "columns": [{"column": 2, "symbol": "Er", "unit": "%"}]}
    mapping = Mapping.from_dict({**said, "headings_sha256": headings_digest(read_sheet(content), 1)})
    services.teach_layout(actor=desk.technician, upload=other, name="Other", mapping=mapping)
    desk.ordered(upload)
    found = read_again(upload).certificate
    assert sorted(found.determinations.values_list("analyte", flat=True)) == ["Dy", "Tb"]
    # Read again, it is shown by what was taught.
    again = read_again(desk.described(read_again(other), number="P2"))
    assert [one["analyte"] for one in again.understood["columns"]] == ["Er"]


def test_the_headings_of_another_file_are_refused(desk):
    upload = read_again(desk.uploaded(plain("A")))
    strange = layout(plain("A"), headings_sha256="a" * 64)
    with pytest.raises(Invalid) as error:
        services.teach_layout(actor=desk.technician, upload=upload, name="X", mapping=strange)
    assert [one.code for one in error.value.problems] == ["headings-differ"]
    assert not Profile.objects.exists()


def test_others_neither_accept_nor_teach(desk, good, elsewhere):
    for act, more in (
        (services.accept_sure, {}),
        (services.teach_layout, {"name": "X", "mapping": layout(plain("A"))}),
    ):
        with pytest.raises(NotPermitted):
            act(actor=elsewhere, upload=good, **more)


def test_a_person_teaches_on_the_page_and_the_answers_stay_where_they_are_refused(desk, signed_in):
    technician = signed_in(desk.technician)
    sample = desk.bench.sample()
    upload = read_again(desk.uploaded(plain(sample.tag.code)))
    address = reverse("certificates:teach", args=[upload.pk])
    assert "Value one" in technician.get(f"{address}?head=2").content.decode()
    said = {
        "head": "2",
        "name": "Mine",
        "use-1": "sample",
        "use-3": "value",
        "symbol-3": "Dy",
        "unit-3": "bushels",
    }
    refused = technician.post(address, said)
    assert refused.status_code == 422
    assert 'value="bushels"' in refused.content.decode()
    assert technician.post(address, {**said, "unit-3": "ppm", "method-3": "a\x00"}).status_code == 422
    answer = technician.post(address, {**said, "unit-3": "ppm"})
    assert (answer.status_code, answer.url) == (302, reverse("certificates:upload", args=[upload.pk]))
    upload = read_again(upload)
    assert [one["analyte"] for one in upload.understood["columns"]] == ["Dy"]
    page = technician.get(answer.url).content.decode()
    assert "Mine" in page


def test_a_decimal_comma_is_read_with_one_click(desk, signed_in, commas, points):
    content = b"Sample;Dy ppm;Tb ppm\nZZ1;1,5;2,5\nZZ2;2,5;3,5\n"
    upload = read_again(desk.described(read_again(desk.uploaded(content)), number="C1"))
    page = signed_in(desk.technician).get(reverse("certificates:upload", args=[upload.pk])).content.decode()
    assert f'name="profile" value="{commas.pk}"' in page


def test_the_pages_of_a_line_and_of_all_lines_show_the_files_own_place(desk, signed_in):
    technician = signed_in(desk.technician)
    tag = desk.bench.sample().tag.code
    upload = desk.preview([(tag, ["x?", "0.2"])])
    page = " ".join(technician.get(reverse("certificates:upload", args=[upload.pk])).content.decode().split())
    line = reverse("certificates:line", args=[upload.pk, FIRST])
    assert f'href="{line}?column=2"' in page
    beside = " ".join(technician.get(f"{line}?column=2").content.decode().split())
    assert '<td class="is-focus">x?</td>' in beside


def test_the_same_over_the_api(desk):
    from rest_framework.test import APIClient  # noqa: PLC0415

    client = APIClient()
    client.force_authenticate(desk.technician)
    sample = desk.bench.sample()
    upload = desk.preview([(sample.tag.code[:-1], ["1", "2"]), (desk.bench.sample().tag.code, ["x?", "4"])])
    at = f"/api/v1/uploads/{upload.pk}"
    lines = client.get(f"{at}/problems/").json()
    assert [(one["row"], one["code"]) for one in lines] == [
        (FIRST + 1, "cell-unreadable"),
        (FIRST, "id-unmatched"),
    ]
    assert client.post(f"{at}/accept-sure/").json() == {"settled": 1}
    assert client.get(f"{at}/lines/{FIRST}/").json()["around"][-1][0] == FIRST + 1
    assert client.post(f"{at}/leave/", {"number": FIRST, "leave": True}, format="json").status_code == 200
    assert Upload.objects.get(pk=upload.pk).understood["left_out"] == [FIRST]
    said = {"headings_row": 999, "sample_column": 1, "columns": []}
    refused = client.post(f"{at}/teach/", {"name": "X", "mapping": said}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "headings-unknown")
