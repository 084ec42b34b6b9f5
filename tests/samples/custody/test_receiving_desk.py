"""The desk as two people use it: replaced tags, scales, damage, who received what, what comes back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lims.errors import Invalid
from samples.custody import incident_services, services
from samples.custody.happenings import Here
from samples.custody.models import ConsignmentItem, CustodyEvent, Incident
from samples.custody.replacing import replace_tag
from samples.custody.scales.services import add_scale, record_scale_check
from samples.registry.photographs import keep_photograph
from samples.registry.rules import show_tag
from tests.samples.custody import test_pages as road
from tests.samples.custody import test_receiving_pages as door
from tests.samples.registry.test_photographs import picture

pytestmark = pytest.mark.django_db
ground, register, begun, packed, sent = road.ground, road.register, road.begun, road.packed, road.sent
desk, scan, url = door.desk, door.scan, road.url


def kinds():
    return sorted(Incident.objects.values_list("kind", flat=True))


@pytest.fixture
def replaced(ground, sent):
    """Replace the tag of the first bag on the road, an hour ago."""
    line = ConsignmentItem.objects.select_related("sample").get(sample__tag__code=ground.tags[0])
    return replace_tag(
        actor=ground.coordinator,
        sample=line.sample,
        new_tag=ground.tags[6],
        reason="Torn off",
        witnesses=[("Naw Seng", "KC-1"), ("Hkun La", "KC-2")],
        photograph=keep_photograph(actor=ground.manager, owner=ground.owner, content=picture()),
        here=Here(timezone.now() - timedelta(hours=1)),
    )


def test_a_replaced_tag_finds_its_bag_and_its_seal(desk, ground, sent, replaced):
    shown = desk.get(url("bag", sent.pk), {"tag": ground.tags[0]}).content.decode()
    assert "which was replaced" in shown
    assert show_tag(ground.tags[6]) in shown
    assert "Acme A-100" in shown
    desk.post(url("receive", sent.pk), scan(ground, 0))
    assert ConsignmentItem.objects.get(sample=replaced.sample).state == "RECEIVED"
    assert kinds() == ["TAG_REPLACED"]


def test_the_new_tag_is_as_good_as_any(desk, ground, sent, replaced):
    assert "replaced" not in desk.get(url("bag", sent.pk), {"tag": ground.tags[6]}).content.decode()
    desk.post(url("receive", sent.pk), scan(ground, 0, tag=ground.tags[6]))
    assert kinds() == []


def test_an_unexpected_bag_with_its_own_seal_is_only_unexpected(desk, ground, register, sent):
    services.seal_sample(
        actor=ground.coordinator,
        sample=register(5),
        maker="Acme",
        number="A-105",
        mass_g=Decimal(2155),
        here=Here(timezone.now()),
    )
    desk.post(url("receive", sent.pk), scan(ground, 5))
    assert kinds() == ["UNEXPECTED_BAG"]


def test_a_damaged_bag_is_a_problem_that_stands_first(desk, ground, sent):
    desk.post(url("receive", sent.pk), scan(ground, 0))
    answer = desk.post(
        url("receive", sent.pk), scan(ground, 1, condition="DAMAGED"), headers={"HX-Request": "true"}
    )
    assert kinds() == []
    assert answer.context["stats"][3] == {
        "label": "With a problem",
        "value": 1,
        "hint": "0 unexpected, 1 damaged",
    }
    assert [row.item.condition for row in answer.context["receipt"].rows] == ["DAMAGED", "INTACT"]


def test_who_received_which_bag_is_seen_by_the_next_person(desk, ground, sent, person, signed_in):
    desk.post(url("receive", sent.pk), scan(ground, 0))
    second = person("technician", "nfc")
    other = signed_in(second)
    other.post(url("receive", sent.pk), scan(ground, 1))
    text = other.get(url("receive", sent.pk)).content.decode()
    first = ConsignmentItem.objects.get(sample__tag__code=ground.tags[0]).received_by
    assert first != second
    assert f'<td data-label="By">{first.name}</td>' in text
    assert f'<td data-label="By">{second.name}</td>' in text


def test_a_scale_is_chosen_once_and_without_a_check_today_it_warns(desk, ground, sent, person):
    technician = person("technician", "nfc")
    scale = add_scale(
        actor=technician, owner=sent.destination, name="Door", division_g=Decimal(5), capacity_g=None
    )
    assert "Put the check weight" not in desk.get(url("receive", sent.pk)).content.decode()
    answer = desk.post(
        url("receive", sent.pk), scan(ground, 0, scale=str(scale.pk)), headers={"HX-Request": "true"}
    )
    assert CustodyEvent.objects.get(kind="RECEIVED").scale == scale
    assert "Put the check weight" in answer.content.decode()
    record_scale_check(
        actor=technician, scale=scale, nominal_g=Decimal(2000), read_g=Decimal(2000), at=timezone.now()
    )
    text = desk.get(url("receive", sent.pk)).content.decode()
    assert f'<option value="{scale.pk}" selected>' in text
    assert "Put the check weight" not in text


def test_the_mass_difference_is_in_grams_and_percent(desk, ground, sent):
    desk.post(url("receive", sent.pk), scan(ground, 0, mass_g="2100"))
    stat = desk.get(url("receive", sent.pk)).context["stats"][4]
    assert stat == {"label": "Mass difference", "value": "-50", "unit": "g", "hint": "-2.33 % of 2.150 kg"}


def test_a_deviation_is_asked_by_the_laboratory_only(ground, sent):
    with pytest.raises(Invalid) as refused:
        incident_services.report_incident(
            actor=ground.manager, kind="DEVIATION", detail="Wet", consignment=sent
        )
    assert [one.code for one in refused.value.problems] == ["deviation-elsewhere"]
    assert not Incident.objects.exists()
