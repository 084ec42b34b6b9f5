"""What certificates and decisions need of a sample: the laboratory's number, the site, and to be found by its label."""

import csv
import io
from decimal import Decimal

import pytest
from django.urls import reverse

from lims.errors import Conflict, Invalid
from lims.work import runner
from samples.registry import list_services, sample_services, services
from samples.registry.list_services import COMMIT, READ
from samples.registry.models import Batch, ExternalNumber, ListRow, Sample
from samples.registry.rules import show_tag
from samples.registry.sample_queries import samples_by_label

pytestmark = pytest.mark.django_db


# --- By label -------------------------------------------------------------------------------------------


def test_a_label_is_a_tag_or_a_number_in_any_case(ground, register):
    first = register(0, field_number="F-1", laboratory_number="J625001")
    second = register(1, laboratory_number="J625 002")
    tag = show_tag(ground.tags[0])
    labels = [tag, tag.lower(), ground.tags[0], "f-1", "j625001", " J625  002 ", "J625999", "", "KC-000001-0"]
    found = samples_by_label(Batch.objects.all(), labels)
    assert found == {
        tag: [first],
        tag.lower(): [first],
        ground.tags[0]: [first],
        "f-1": [first],
        "j625001": [first],
        " J625  002 ": [second],
    }


def test_a_label_that_names_two_bags_has_both(ground, register):
    first = register(0, field_number="17")
    second = register(1, laboratory_number="17")
    other = services.open_batch(
        actor=ground.manager, mine=ground.mine, material_type="HARD_ROCK", campaign="x"
    )
    third = register(2, batch=other, laboratory_number="17")
    # Another one's tag as a number.
    fourth = register(3, laboratory_number=ground.tags[0])
    both = samples_by_label(Batch.objects.all(), ["17", ground.tags[0]])
    assert {label: set(bags) for label, bags in both.items()} == {
        "17": {first, second, third},
        ground.tags[0]: {first, fourth},
    }
    assert samples_by_label(Batch.objects.filter(pk=other.pk), ["17", ground.tags[0]]) == {"17": [third]}


def test_labels_are_looked_up_in_two_queries_with_tag_and_batch(ground, register, django_assert_num_queries):
    for n in range(3):
        register(n, laboratory_number=f"J{n}")
    for count in (1, 3):
        with django_assert_num_queries(2):
            found = samples_by_label(Batch.objects.all(), [f"J{n}" for n in range(count)])
            assert [str(bag) for bags in found.values() for bag in bags] == [
                show_tag(tag) for tag in ground.tags[:count]
            ]
            assert {bag.batch.code for bags in found.values() for bag in bags} == {ground.batch.code}


# --- Site and laboratory's number -----------------------------------------------------------------------


def test_site_and_number_are_kept_with_single_spaces(register):
    sample = register(0, site="  Pit   3 ", laboratory_number="  J625  001 ")
    assert sample.site == "Pit 3"
    assert list(ExternalNumber.objects.values_list("sample", "kind", "number")) == [
        (sample.pk, "LABORATORY", "J625 001")
    ]


def test_a_laboratorys_number_is_one_bags_of_a_batch(ground, register):
    register(0, laboratory_number="J625001")
    with pytest.raises(Conflict) as caught:
        register(1, laboratory_number="j625001")
    assert caught.value.problems[0].code == "external-number-once"
    assert Sample.objects.count() == 1


@pytest.mark.parametrize("field", ["site", "laboratory_number"])
def test_too_long_is_refused_by_name(register, field):
    with pytest.raises(Invalid) as caught:
        register(0, **{field: "x" * 61})
    assert [(p.code, p.place.field) for p in caught.value.problems] == [("text-too-long", field)]


def test_a_site_is_corrected(ground, register):
    sample = register(0, site="Pit 3")
    fixed = sample_services.correct_sample(
        actor=ground.manager, sample=sample, reason="Misheard", changes={"site": "Pit 4"}
    )
    fixed.refresh_from_db()
    assert fixed.site == "Pit 4"


def test_the_form_takes_both_and_carries_the_site_on(ground, signed_in):
    client = signed_in(ground.coordinator)
    sheet = {
        "tag": ground.tags[0],
        "mass_g": "2150",
        "collected_at": "2026-11-03T14:20",
        "batch": str(ground.batch.pk),
        "site": "Heap 2",
        "laboratory_number": "J625001",
        "next": "1",
    }
    answer = client.post(reverse("registry:register"), sheet, follow=True)
    sample = Sample.objects.get()
    assert sample.site == "Heap 2"
    assert sample.external_numbers.get().number == "J625001"
    initial = answer.context["form"].initial
    assert initial["site"] == "Heap 2"
    assert "laboratory_number" not in initial
    page = client.get(reverse("registry:sample", args=[sample.pk])).content.decode()
    assert "Heap 2" in page
    assert "J625001" in page


def test_a_list_has_columns_for_both(ground):
    text = (
        "tag,mass_kg,collected_at,Pit,Lab no\n"
        f"{ground.tags[0]},2,2026-11-03,Pit 3,J1\n"
        f"{ground.tags[1]},2,2026-11-03,,J2\n"
        f"{ground.tags[2]},2,2026-11-03,Pit  3,\n"
        f"{ground.tags[3]},2,2026-11-03,{'x' * 61},J3\n"
    )
    found = list_services.upload_list(
        actor=ground.coordinator, batch=ground.batch, name="l.csv", content=text.encode()
    )
    runner.look(READ, str(found.pk))
    told = [[problem["code"] for problem in row.problems] for row in ListRow.objects.order_by("number")]
    assert told == [[], [], [], ["text-too-long"]]
    list_services.commit_list(actor=ground.coordinator, sample_list=found)
    runner.look(COMMIT, str(found.pk))
    kept = Sample.objects.values_list("tag__code", "site", "external_numbers__number")
    assert list(kept.order_by("tag__code")) == [
        (ground.tags[0], "Pit 3", "J1"),
        (ground.tags[1], "", "J2"),
        (ground.tags[2], "Pit 3", None),
    ]


def test_the_template_and_the_export_name_both(ground, register, signed_in):
    register(0, site="Pit 3", laboratory_number="J1")
    client = signed_in(ground.manager)
    template = client.get(reverse("registry:list_template", args=["csv"])).content.decode("utf-8-sig")
    assert {"site", "laboratory_number"} <= set(next(csv.reader(io.StringIO(template))))
    answer = client.get(reverse("registry:export"))
    text = b"".join(answer) if answer.streaming else answer.content
    row = next(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    assert (row["site"], row["laboratory_number"]) == ("Pit 3", "J1")


def test_a_laboratory_reads_its_number_but_not_the_site(ground, register, person, signed_in):
    from samples.registry.queries import samples_for, seen_samples  # noqa: PLC0415  # only here
    from tests.support.people import organisation  # noqa: PLC0415

    register(0, site="Pit 3", laboratory_number="J1")
    services.add_party(
        actor=ground.manager, batch=ground.batch, organisation=organisation("nfc"), part="TESTER"
    )
    viewer = person("technician", "nfc")
    seen = seen_samples(viewer, samples_for(viewer))[0]
    assert (seen.site, seen.laboratory_number, seen.mass_g) == (None, "J1", Decimal(2150))
    page = signed_in(viewer).get(reverse("registry:sample", args=[seen.id])).content.decode()
    assert "Pit 3" not in page
    assert "J1" in page
