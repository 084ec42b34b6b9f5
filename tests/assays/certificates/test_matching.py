"""What labels mean: samples by tag and by numbers of others, materials by name, what was learnt, and near misses."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assays.catalogue import services as catalogue
from assays.catalogue.library import services as library
from assays.certificates import answering
from assays.certificates.matching import Matcher
from assays.certificates.models import LabelMapping
from assays.certificates.queries import preview
from lims.verbs import acting
from samples.registry import sample_services
from samples.registry import services as registry
from tests.assays.certificates.conftest import FIRST

pytestmark = pytest.mark.django_db
#: the day of analysis
ON = date(2026, 3, 9)


@pytest.fixture
def find(desk):
    """Return a function that finds one label, as the first row of a file."""
    upload = desk.uploaded(desk.file([("J1", ["1", "2"])], number="HY-FIND"))

    def one(label, row=FIRST):
        return Matcher(upload, [label], ON).find(label, row)

    return one


@pytest.fixture
def second_batch(desk):
    """Return another batch that the laboratory tests as well."""
    ground = desk.bench.ground
    batch = registry.open_batch(
        actor=ground.manager, mine=ground.mine, material_type="HARD_ROCK", campaign="x"
    )
    registry.add_party(actor=ground.manager, batch=batch, organisation=desk.laboratory, part="TESTER")
    return batch


def codes(problems):
    return [problem.code for problem in problems]


@pytest.mark.parametrize(
    "write", [str, str.lower, lambda tag: f"{tag[:2]}-{tag[2:8]}-{tag[8:]}", lambda tag: f" {tag} "]
)
def test_a_sample_by_its_tag_as_it_may_be_written(desk, find, write):
    sample = desk.bench.sample()
    found = find(write(sample.tag.code))
    assert (found.match, found.sample, found.problems, found.warnings) == ("SAMPLE", sample, [], [])


@pytest.mark.parametrize("kind", ["field_number", "laboratory_number"])
@pytest.mark.parametrize("label", ["GS-117/A", "gs-117/a", " GS-117/A"])
def test_a_sample_by_the_number_of_somebody_else(desk, find, kind, label):
    sample = desk.bench.registered(0, **{kind: "GS-117/A"})
    found = find(label)
    assert (found.match, found.sample, found.problems) == ("SAMPLE", sample, [])


def test_tag_and_number_of_one_sample_are_no_contradiction(desk, find):
    sample = desk.bench.registered(0)
    kind = {"kind": "FIELD", "number": sample.tag.code}
    sample_services.add_external_number(actor=desk.bench.ground.manager, sample=sample, **kind)
    assert find(sample.tag.code).sample == sample


def test_a_number_that_two_samples_have_is_a_question(desk, find, second_batch):
    first = desk.bench.registered(0, field_number="F-7")
    second = desk.bench.registered(1, field_number="F-7", batch=second_batch)
    found = find("f-7", 12)
    assert (found.match, found.sample, codes(found.problems)) == ("UNMATCHED", None, ["id-ambiguous"])
    problem = found.problems[0]
    assert problem.place.row == 12
    assert first.batch.code in problem.message
    assert second_batch.code in problem.message
    assert found.suggestions == [
        {"kind": "SAMPLE", "id": str(one.pk), "label": str(one), "why": f"batch {one.batch.code}"}
        for one in (first, second)
    ]


def test_the_tag_of_one_that_is_the_number_of_another_is_a_question(desk, find, second_batch):
    first = desk.bench.registered(0)
    desk.bench.registered(1, field_number=first.tag.code, batch=second_batch)
    assert codes(find(first.tag.code).problems) == ["id-ambiguous"]


def test_a_batch_that_is_not_tested_here_is_out_of_sight(desk, find):
    ground = desk.bench.ground
    batch = registry.open_batch(
        actor=ground.manager, mine=ground.mine, material_type="HARD_ROCK", campaign="x"
    )
    desk.bench.registered(0, field_number="F-7", batch=batch)
    sample = desk.bench.registered(1, field_number="F-7")
    assert find("F-7").sample == sample
    hidden = desk.bench.registered(2, field_number="ZZ-12345", batch=batch)
    for label in ("ZZ-12345", "ZZ-12346", hidden.tag.code):
        found = find(label)
        assert (found.match, codes(found.problems)) == ("UNMATCHED", ["id-unmatched"])
        assert str(hidden.pk) not in [one["id"] for one in found.suggestions]


def test_a_withdrawn_sample_is_matched_and_warned_of(desk, find):
    sample = desk.bench.sample()
    sample_services.withdraw_sample(actor=desk.bench.ground.manager, sample=sample, reason="Bag burst")
    found = find(sample.tag.code, 12)
    assert (found.match, found.sample.pk, found.problems) == ("SAMPLE", sample.pk, [])
    assert [(one.code, one.place.row) for one in found.warnings] == [("sample-withdrawn", 12)]


@pytest.mark.parametrize("label", ["RM 20", "rm-20", "RM20", " Rm_20 "])
def test_a_reference_material_by_its_name_in_any_spelling(crm, find, label):
    found = find(label)
    assert (found.match, found.material, found.sample) == ("CRM", crm, None)


def test_a_blank_is_one(blank, find):
    assert (find("LIMESTONE").match, find("limestone").material) == ("BLANK", blank)


def test_of_two_lots_of_one_name_the_newer_is_meant(desk, crm, find, person):
    newer = catalogue.add_material(
        actor=person("administrator", "irel"), code="RM 20", kind="CRM", lot="B", description="x", maker="y"
    )
    assert find("RM 20").material == newer


@pytest.mark.parametrize(
    ("retired_on", "lot"), [(date(2026, 6, 1), "A"), (date(2026, 3, 10), "A"), (date(2026, 3, 9), "B")]
)
def test_of_two_lots_the_one_that_was_in_use_then_is_meant(desk, crm, find, person, retired_on, lot):
    keeper = person("administrator", "irel")
    newer = catalogue.add_material(
        actor=keeper, code="RM 20", kind="CRM", lot="B", description="x", maker="y"
    )
    library.retire_lot(actor=keeper, material=crm, on=retired_on, reason="Used up")
    found = find("RM 20")
    assert found.material == {"A": crm, "B": newer}[lot]
    assert found.warnings == []


@pytest.mark.parametrize("lapse", ["expired", "retired"])
def test_a_lot_that_could_not_be_used_any_more_is_matched_and_warned_of(desk, find, person, lapse):
    keeper = person("administrator", "irel")
    expires_on = date(2026, 3, 8) if lapse == "expired" else None
    made = catalogue.add_material(
        actor=keeper, code="RM 77", kind="CRM", lot="A", description="x", maker="y", expires_on=expires_on
    )
    if lapse == "retired":
        library.retire_lot(actor=keeper, material=made, on=date(2026, 3, 8), reason="Used up")
    found = find("RM 77")
    assert found.material == made
    assert codes(found.warnings) == [f"material-{lapse}"]
    assert "2026-03-08; the file is of 2026-03-09." in found.warnings[0].message


def test_a_sample_goes_before_a_material_of_the_same_name(desk, crm, find):
    sample = desk.bench.registered(0, field_number="RM 20")
    assert find("RM 20").sample == sample


def test_what_a_person_said_once_is_known_the_next_time(desk, crm):
    first = desk.preview([("STD-A", ["1", "2"])], number="HY-1")
    answering.match_row(actor=desk.technician, upload=first, number=FIRST, match="CRM", material=crm)
    second = desk.preview([("std-a", ["3", "4"])], number="HY-2")
    row = desk.row(second)
    assert (row.match, row.material, row.mapped, row.problems) == ("CRM", crm, False, [])


def test_what_another_laboratory_learnt_counts_there_only(desk, crm, elsewhere, find):
    with acting(desk.system, verb_name="make"):
        LabelMapping.objects.create(
            kept_by=elsewhere.memberships.get().organisation, label="STD-A", match="CRM", material=crm
        )
    assert codes(find("STD-A").problems) == ["id-unmatched"]


def test_a_tag_with_one_wrong_character_is_suggested_as_the_one_it_is_near(desk, find):
    sample = desk.bench.sample()
    code = sample.tag.code
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    found = find(wrong, 12)
    assert (found.match, found.sample) == ("UNMATCHED", None)
    assert [(one.code, one.place.row) for one in found.problems] == [("id-unmatched", 12)]
    why = f"written “{code}” there"
    assert found.suggestions == [{"kind": "SAMPLE", "id": str(sample.pk), "label": str(sample), "why": why}]


def test_a_near_number_and_a_near_material_are_suggested_too(desk, crm, blank, find):
    sample = desk.bench.registered(0, field_number="PANGWA-117")
    assert find("PANGWA-171").suggestions[0]["id"] == str(sample.pk)
    assert find("RM 200").suggestions == [
        {"kind": "CRM", "id": str(crm.pk), "label": "RM 20", "why": "a reference material"}
    ]
    assert find("Limestome").suggestions[0] == {
        "kind": "BLANK",
        "id": str(blank.pk),
        "label": "Limestone",
        "why": "a blank",
    }
    assert find("nothing like it").suggestions == []
    assert find("").suggestions == []


def test_there_are_three_suggestions_at_most_the_nearest_first_and_none_withdrawn(desk, find):
    made = [desk.bench.registered(n, field_number=f"PANGWA-10{n}") for n in range(6)]
    gone = made[5]
    sample_services.withdraw_sample(actor=desk.bench.ground.manager, sample=gone, reason="Bag burst")
    found = find("PANGWA-1055").suggestions
    assert len(found) == 3
    assert str(gone.pk) not in [one["id"] for one in found]
    assert find("PANGWA-1022").suggestions[0]["id"] == str(made[2].pk)


def test_a_label_a_second_time_is_a_question_and_a_bottle_a_second_time_is_not(desk, crm):
    sample = desk.bench.sample()
    label = sample.tag.code
    rows = [(label, ["1", "2"]), ("RM 20", ["20", "1"]), (label.lower(), ["1", "2"]), ("RM 20", ["21", "1"])]
    upload = desk.preview([*rows, ("J1", ["1", "2"]), ("J1", ["1", "2"])])
    found = [(row.match, [p["code"] for p in row.problems]) for row in upload.rows.order_by("number")]
    assert found == [
        ("SAMPLE", []),
        ("CRM", []),
        ("SAMPLE", ["duplicate-id"]),
        ("CRM", []),
        ("UNMATCHED", ["id-unmatched"]),
        ("UNMATCHED", ["id-unmatched"]),
    ]
    assert desk.row(upload, FIRST + 2).problems[0]["row"] == FIRST + 2
    assert preview(upload).sentence == "Commit 1 sample, 2 QC items, 6 values; leave 3 rows"


def test_labels_are_compared_with_as_many_queries_for_many_as_for_few(desk, crm, blank, find):
    for n in range(8):
        desk.bench.registered(n, field_number=f"F-{n}")
    upload = desk.uploaded(desk.file([("J2", ["1", "2"])], number="HY-MANY"))

    def asked(labels):
        with CaptureQueriesContext(connection) as caught:
            matcher = Matcher(upload, labels, ON)
            for row, label in enumerate(labels):
                matcher.find(label, row)
        return len(caught)

    few = ["F-1", "RM 20", "J-0"]
    many = [*(f"F-{n}" for n in range(8)), "RM 20", "Limestone", *(f"J-{n}" for n in range(200))]
    assert asked(few) == asked(many) <= 8


def test_what_a_label_was_said_to_be_is_offered_the_next_time_and_not_taken(desk):
    sample, other = desk.bench.sample(), desk.bench.sample()
    first = desk.preview([("7", ["1", "2"])])
    answering.match_row(actor=desk.technician, upload=first, number=FIRST, match="SAMPLE", sample=sample)
    again = desk.preview([("7", ["1", "2"])], number="HY26000002")
    row = desk.row(again)
    assert row.match == "UNMATCHED"
    assert [(one["id"], one["why"]) for one in row.suggestions] == [(str(sample.pk), "as it was said before")]
    answering.match_row(actor=desk.technician, upload=again, number=FIRST, match="SAMPLE", sample=other)
    third = desk.row(desk.preview([("7", ["1", "2"])], number="HY26000003"))
    assert [one["id"] for one in third.suggestions] == [str(other.pk)], "what was said last counts"
