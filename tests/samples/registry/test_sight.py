"""Who sees what: role by role, field by field, on every page, in every answer and file."""

from decimal import Decimal

import pytest
from django.urls import reverse

from samples.registry import finding, list_services, queries, sample_services, services
from samples.registry.models import Batch, Mine, Sample, SampleList, Tag
from samples.registry.sight import Sight, sight_of
from tests.support.people import organisation

pytestmark = pytest.mark.django_db

VIEWERS = {
    ("field_coordinator", "irel"): Sight.FULL,
    ("manager", "irel"): Sight.FULL,
    ("auditor", "irel"): Sight.ROUNDED,
    ("administrator", "irel"): Sight.ROUNDED,
    ("custodian", "hillroad"): Sight.ROUNDED,
    ("manager", "hillroad"): Sight.ROUNDED,
    ("manager", "mines"): Sight.ROUNDED,
    ("auditor", "midwest"): Sight.ROUNDED,
    ("receptionist", "nfc"): Sight.BLIND,
    ("technician", "nfc"): Sight.BLIND,
    ("reviewer", "nfc"): Sight.BLIND,
    ("manager", "nfc"): Sight.BLIND,
    ("manager", "midwest"): Sight.NOTHING,
    ("field_coordinator", "midwest"): Sight.NOTHING,
}
#: exact places: of the sample, of the mine
EXACT = ("26.049877", "98.351777", "26.049812", "98.351234")
#: what tells, or may tell, where a sample comes from
ORIGIN = (
    "Pangwa North", "PW-2", "Chipwi", "Village cooperative", "November 2026", "Naw Seng", "near the shrine",
    "F-0412", "tared wrongly", "Field coordinator of IREL", "Manager of IREL", "stopped at the checkpoint", "seal was read again", "26.0", "98.4",
)  # fmt: skip


@pytest.fixture
def sample(ground, register, person):
    for code, part in (("hillroad", "HOLDER"), ("nfc", "TESTER")):
        services.add_party(
            actor=ground.manager, batch=ground.batch, organisation=organisation(code), part=part
        )
    made = register(
        0,
        latitude=Decimal("26.049877"),
        longitude=Decimal("98.351777"),
        accuracy_m=Decimal(4),
        depth_m=Decimal("1.5"),
        collector="Naw Seng",
        note="near the shrine",
        field_number="F-0412",
    )
    sample_services.add_external_number(actor=ground.manager, sample=made, kind="LABORATORY", number="LAB-9")
    for kind in ("CUSTODY", "RADIOLOGICAL"):
        hold = sample_services.set_hold(
            actor=ground.manager, sample=made, kind=kind, reason="stopped at the checkpoint"
        )
    sample_services.release_hold(actor=ground.manager, hold=hold, reason="seal was read again")
    return sample_services.correct_sample(
        actor=ground.coordinator, sample=made, reason="tared wrongly", changes={"mass_g": Decimal(2111)}
    )


@pytest.mark.parametrize(("who", "sight"), VIEWERS.items(), ids=["-".join(who) for who in VIEWERS])
def test_what_each_role_sees_of_a_sample(sample, ground, person, who, sight):
    viewer = person(*who)
    assert sight_of(viewer, ground.batch) is sight
    visible = Sample.objects.visible_to(viewer)
    assert visible.count() == Batch.objects.visible_to(viewer).count() == (sight > Sight.NOTHING)
    assert Mine.objects.visible_to(viewer).count() == (sight > Sight.BLIND)
    registers = sight is Sight.FULL
    assert Tag.objects.visible_to(viewer).filter(owner=ground.owner).exists() is (
        registers or viewer.oversees
    )
    if sight is Sight.NOTHING:
        return
    seen = queries.seen_samples(viewer, queries.samples_for(viewer))[0]
    place = {
        Sight.FULL: (Decimal("26.049877"), Decimal("98.351777"), Decimal("4.0")),
        Sight.ROUNDED: (Decimal("26.0"), Decimal("98.4"), None),
        Sight.BLIND: (None, None, None),
    }
    assert (seen.latitude, seen.longitude, seen.accuracy_m) == place[sight]
    assert (seen.mass_g, seen.laboratory_number, seen.material_type) == (
        Decimal(2111),
        "LAB-9",
        "ION_ADSORPTION_CLAY",
    )
    origin = (seen.mine, seen.collector, seen.note, seen.field_number, seen.depth_m)
    known = ("Pangwa North", "Naw Seng", "near the shrine", "F-0412", Decimal("1.5"))
    assert origin == (known if sight > Sight.BLIND else (None, None, None, "", None))


def everything(client, sample, ground):
    """Return the text of all that a person can read of the registry, by address."""
    pages = ["home", "samples", "export", "batches", "mines", "tags", "free_tags"]
    addresses = [reverse(f"registry:{name}") for name in pages]
    addresses += [
        reverse("registry:sample", args=[sample.pk]),
        reverse("registry:correct", args=[sample.pk]),
        reverse("registry:batch", args=[ground.batch.pk]),
        reverse("registry:mine", args=[ground.mine.pk]),
        *(f"/search/?q={text}" for text in (sample.tag.code, "LAB-9", "B2")),
        *(f"/api/v1/{name}/" for name in ("samples", "batches", "mines", "tags", "lists")),
        f"/api/v1/samples/{sample.pk}/",
        f"/api/v1/batches/{ground.batch.pk}/",
        f"/api/v1/mines/{ground.mine.pk}/",
    ]
    found = {}
    for address in addresses:
        answer = client.get(address, follow=True)
        content = b"".join(answer) if answer.streaming else answer.content
        found[address] = content.decode()
    return found


@pytest.mark.parametrize(
    ("who", "sight"),
    [(who, sight) for who, sight in VIEWERS.items() if sight < Sight.FULL],
    ids=["-".join(who) for who, sight in VIEWERS.items() if sight < Sight.FULL],
)
def test_nothing_leaks_on_any_page_answer_or_file(sample, ground, person, signed_in, who, sight):
    for address, text in everything(signed_in(person(*who)), sample, ground).items():
        for secret in EXACT + (ORIGIN if sight <= Sight.BLIND else ()):
            assert secret not in text, (address, secret)
        if sight is Sight.NOTHING:
            assert "2.111" not in text, address


def test_the_owner_sees_exact_places_on_page_file_and_answer(sample, ground, signed_in):
    texts = everything(signed_in(ground.manager), sample, ground)
    for address in (
        reverse("registry:sample", args=[sample.pk]),
        reverse("registry:export"),
        "/api/v1/samples/",
    ):
        assert "26.049877" in texts[address], address


def test_a_laboratory_cannot_find_a_sample_by_what_it_may_not_see(sample, ground, person):
    viewer = person("technician", "nfc")
    of_lab = queries.samples_for(viewer)
    for hidden in ({"mine": str(ground.mine.pk)}, {"text": "F-0412"}):
        assert not finding.matching(of_lab, viewer, **hidden).exists()
    for known in ({"text": "lab-9"}, {"text": sample.tag.code}, {"batch": ground.batch.code}):
        assert finding.matching(of_lab, viewer, **known).count() == 1


def test_a_removed_party_sees_nothing_any_more(sample, ground, person):
    party = ground.batch.parties.get(part="TESTER")
    services.remove_party(actor=ground.manager, party=party)
    assert not Sample.objects.visible_to(person("technician", "nfc")).exists()


def test_lists_are_for_those_who_register(sample, ground, person):
    list_services.upload_list(
        actor=ground.coordinator, batch=ground.batch, name="l.csv", content=b"tag,mass_g,collected_at\n"
    )
    for who, sight in VIEWERS.items():
        assert SampleList.objects.visible_to(person(*who)).exists() is (sight is Sight.FULL)


def test_a_laboratory_does_not_read_why_a_sample_was_withdrawn(sample, ground, person, signed_in):
    sample_services.withdraw_sample(actor=ground.manager, sample=sample, reason="lost at Pangwa pass")
    for text in everything(signed_in(person("technician", "nfc")), sample, ground).values():
        assert "Pangwa" not in text
    assert (
        "lost at Pangwa pass"
        in everything(signed_in(person("custodian", "hillroad")), sample, ground)[
            reverse("registry:sample", args=[sample.pk])
        ]
    )
