"""The verbs: what they do, what they refuse, with which code and at which place."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lims.errors import Conflict, DomainError, Invalid, NotPermitted
from samples.registry import sample_services, services
from samples.registry.models import Batch, BatchParty, Correction, Hold, Mine, Sample, Tag
from samples.registry.rules import make_tag
from tests.samples.registry.conftest import COLLECTED
from tests.support.people import organisation

pytestmark = pytest.mark.django_db


def refused(call, *codes, kind=DomainError):
    """Assert that a call is refused with exactly these codes; return the first problem."""
    with pytest.raises(kind) as caught:
        call()
    assert [problem.code for problem in caught.value.problems] == list(codes)
    assert all(p.remedy or isinstance(caught.value, Conflict) for p in caught.value.problems)
    return caught.value.problems[0]


def test_a_registered_sample_is_what_was_said(register, ground):
    sample = register(
        0,
        tag_code=" kc-000001-" + ground.tags[0][-1].lower(),
        mass_g=Decimal("2150.1254"),
        collector="  Naw  Seng ",
        latitude=Decimal("26.04987654321"),
        longitude=Decimal("98.351"),
        accuracy_m=Decimal("4.25"),
        depth_m=Decimal("1.5"),
        note=" wet bag\n",
        field_number="F 12",
    )
    kept = Sample.objects.get(pk=sample.pk)
    assert kept.tag.code == ground.tags[0]
    assert (kept.mass_g, kept.collected_at, kept.collector) == (Decimal("2150.125"), COLLECTED, "Naw Seng")
    assert (kept.latitude, kept.longitude) == (Decimal("26.049877"), Decimal("98.351"))
    assert (kept.accuracy_m, kept.depth_m, kept.note) == (Decimal("4.2"), Decimal("1.5"), "wet bag")
    assert [n.number for n in kept.external_numbers.all()] == ["F 12"]
    assert kept.registered_by == ground.coordinator
    assert kept.pk.version == 7


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"tag_code": "KC-000001-Ü"}, "tag-malformed", "tag"),
        ({"tag_code": "KC-000001-0"}, "tag-check-character", "tag"),
        ({"tag_code": make_tag("KC", 999)}, "tag-unknown", "tag"),
        ({"mass_g": Decimal(0)}, "mass-not-positive", "mass_g"),
        ({"mass_g": Decimal("0.0004")}, "mass-not-positive", "mass_g"),
        ({"mass_g": Decimal(-3)}, "mass-not-positive", "mass_g"),
        ({"mass_g": Decimal("100000.001")}, "mass-too-large", "mass_g"),
        ({"mass_g": Decimal("1e40")}, "mass-too-large", "mass_g"),
        ({"collected_at": COLLECTED.replace(year=1999)}, "date-too-old", "collected_at"),
        ({"latitude": Decimal("28.6"), "longitude": Decimal("77.2")}, "place-outside-region", "latitude"),
        ({"latitude": Decimal("26.1")}, "place-half-given", "longitude"),
        ({"accuracy_m": Decimal(4)}, "accuracy-without-place", "accuracy_m"),
        ({"depth_m": Decimal("-0.1")}, "depth-out-of-range", "depth_m"),
        ({"depth_m": Decimal("4999.999")}, "depth-out-of-range", "depth_m"),
        ({"collector": "x" * 201}, "text-too-long", "collector"),
        ({"note": "a\x00b"}, "text-unreadable", "note"),
    ],
)
def test_a_sample_that_cannot_be_is_refused_by_name(register, changed, code, field):
    problem = refused(lambda: register(0, **changed), code, kind=Invalid)
    assert problem.place.field == field
    assert Sample.objects.count() == 0


def test_swapped_coordinates_get_a_hint(register):
    swapped = {"latitude": Decimal("98.35"), "longitude": Decimal("26.05")}
    problem = refused(lambda: register(0, **swapped), "place-outside-region")
    assert "swapped" in problem.remedy


def test_a_clock_may_be_five_minutes_ahead(register):
    now = timezone.now()
    refused(lambda: register(0, collected_at=now + timedelta(minutes=6)), "date-in-future")
    assert register(0, collected_at=now + timedelta(minutes=4))


def test_every_problem_of_a_sample_is_told_at_once(register):
    refused(
        lambda: register(0, tag_code="x", mass_g=Decimal(0), collected_at=COLLECTED.replace(year=2100)),
        "tag-malformed",
        "mass-not-positive",
        "date-in-future",
    )


def test_a_tag_goes_on_one_bag(register):
    register(0)
    refused(lambda: register(0), "tag-used", kind=Conflict)
    assert Sample.objects.count() == 1


def test_a_tag_of_another_owner_is_unknown(register, ground, person):
    midwest, manager = organisation("midwest"), person("manager", "midwest")
    services.start_tags(actor=manager, owner=midwest, prefix="MW")
    foreign = services.issue_tags(actor=manager, owner=midwest, count=1)[0]
    refused(lambda: register(0, tag_code=foreign.code), "tag-unknown")


def test_the_id_may_come_from_the_client_once(register):
    first = register(0)
    refused(lambda: register(1, sample_id=first.pk), "id-used", kind=Conflict)


def test_a_field_number_names_one_sample_of_its_batch(register):
    register(0, field_number="F-1")
    refused(lambda: register(1, field_number="f-1"), "external-number-once", kind=Conflict)
    assert Sample.objects.count() == 1


def test_a_closed_batch_takes_no_samples_until_it_is_open_again(register, ground):
    services.close_batch(actor=ground.coordinator, batch=ground.batch)
    refused(lambda: register(0), "batch-closed", kind=Conflict)
    refused(lambda: services.close_batch(actor=ground.manager, batch=ground.batch), "transition-refused")
    services.reopen_batch(actor=ground.manager, batch=ground.batch)
    assert register(0)


def test_batches_are_numbered_by_year_and_tell_nothing(ground):
    second = services.open_batch(
        actor=ground.manager, mine=ground.mine, material_type="HARD_ROCK", campaign="x"
    )
    year = f"{timezone.now():%y}"
    assert [ground.batch.code, second.code] == [f"B{year}-0001", f"B{year}-0002"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"material_type": "GOLD"}, "choice-unknown"),
        ({"campaign": " "}, "field-required"),
        ({"planned_count": 0}, "count-not-positive"),
    ],
)
def test_a_batch_that_cannot_be_is_refused(ground, changed, code):
    given = {"mine": ground.mine, "material_type": "HARD_ROCK", "campaign": "x"} | changed
    refused(lambda: services.open_batch(actor=ground.manager, **given), code)
    assert Batch.objects.count() == 1


def test_a_mine_lies_in_the_region_and_its_code_is_taken_once(ground):
    given = {
        "owner": ground.owner,
        "code": "pw-2",
        "name": "Another",
        "latitude": Decimal("26.1"),
        "longitude": Decimal("98.4"),
        "controlling_body": "x",
        "deposit_type": "y",
    }
    refused(lambda: services.add_mine(actor=ground.manager, **given), "mine-code-once", kind=Conflict)
    far = given | {"code": "PW-3", "latitude": Decimal("28.6139"), "longitude": Decimal("77.209")}
    refused(lambda: services.add_mine(actor=ground.manager, **far), "place-outside-region")
    assert Mine.objects.count() == 1


def test_due_diligence_changes(ground):
    services.change_due_diligence(actor=ground.manager, mine=ground.mine, status="YELLOW")
    assert Mine.objects.get().due_diligence == "YELLOW"
    refused(
        lambda: services.change_due_diligence(actor=ground.manager, mine=ground.mine, status="BLUE"),
        "choice-unknown",
    )


def test_parties_fit_their_part(ground):
    laboratory = organisation("nfc")
    services.add_party(actor=ground.manager, batch=ground.batch, organisation=laboratory, part="TESTER")
    twice = {"batch": ground.batch, "organisation": laboratory}
    refused(
        lambda: services.add_party(actor=ground.manager, part="TESTER", **twice),
        "batch-party-once",
        kind=Conflict,
    )
    refused(lambda: services.add_party(actor=ground.manager, part="HOLDER", **twice), "part-does-not-fit")
    assert BatchParty.objects.count() == 1


def test_tags_are_numbered_and_checked(ground):
    assert ground.tags[:2] == [make_tag("KC", 1), make_tag("KC", 2)]
    more = services.issue_tags(actor=ground.coordinator, owner=ground.owner, count=2)
    assert [tag.code for tag in more] == [make_tag("KC", 11), make_tag("KC", 12)]
    for count in (0, 1001):
        refused(
            lambda count=count: services.issue_tags(
                actor=ground.coordinator, owner=ground.owner, count=count
            ),
            "count-out-of-range",
        )
    assert Tag.objects.count() == 12


def test_letters_of_tags_are_chosen_once(ground, person):
    midwest, manager = organisation("midwest"), person("manager", "midwest")
    again = {"actor": ground.manager, "owner": ground.owner, "prefix": "KD"}
    refused(lambda: services.start_tags(**again), "tags-started", kind=Conflict)
    refused(lambda: services.issue_tags(actor=manager, owner=midwest, count=1), "tags-not-started")
    for prefix, code in (("KC", "tag-prefix-once"), ("K1", "tag-prefix-form"), ("KCX", "tag-prefix-form")):
        with pytest.raises(DomainError) as caught:
            services.start_tags(actor=manager, owner=midwest, prefix=prefix)
        assert caught.value.problems[0].code == code


def test_a_correction_has_a_reason_and_is_checked_like_a_registration(register, ground):
    sample = register(0)

    def correct(**changes):
        return sample_services.correct_sample(
            actor=ground.coordinator, sample=sample, reason="scale was tared wrongly", changes=changes
        )

    correct(mass_g=Decimal(2100), note="weighed again")
    kept = Sample.objects.get()
    assert (kept.mass_g, kept.note) == (Decimal(2100), "weighed again")
    why = Correction.objects.get()
    assert (why.fields, why.reason) == (["mass_g", "note"], "scale was tared wrongly")
    refused(lambda: correct(mass_g=Decimal(0)), "mass-not-positive")
    refused(lambda: correct(state="WITHDRAWN"), "field-not-correctable")
    refused(lambda: correct(mass_g=Decimal("2100.0")), "nothing-changed")
    refused(
        lambda: sample_services.correct_sample(
            actor=ground.coordinator, sample=sample, reason=" ", changes={"note": "x"}
        ),
        "field-required",
    )
    assert Correction.objects.count() == 1


def test_a_withdrawn_sample_stays_as_it_is(register, ground):
    sample = register(0)
    sample_services.withdraw_sample(actor=ground.manager, sample=sample, reason="bag burst")
    kept = Sample.objects.get()
    assert (kept.state, kept.withdrawn_reason) == ("WITHDRAWN", "bag burst")
    for call in (
        lambda: sample_services.withdraw_sample(actor=ground.manager, sample=sample, reason="again"),
        lambda: sample_services.set_hold(actor=ground.manager, sample=sample, kind="CUSTODY", reason="x"),
        lambda: sample_services.add_external_number(
            actor=ground.manager, sample=sample, kind="FIELD", number="1"
        ),
    ):
        refused(call, "sample-withdrawn", kind=Conflict)


def test_a_hold_is_set_once_and_released_once(register, ground):
    sample = register(0)

    def hold(kind="RADIOLOGICAL"):
        return sample_services.set_hold(
            actor=ground.manager, sample=sample, kind=kind, reason="1.2 µSv/h at the surface"
        )

    held = hold()
    refused(hold, "hold-open-once", kind=Conflict)
    hold("CUSTODY")
    released = sample_services.release_hold(actor=ground.manager, hold=held, reason="0.2 µSv/h")
    assert released.released_by == ground.manager
    refused(
        lambda: sample_services.release_hold(actor=ground.manager, hold=held, reason="x"), "hold-released"
    )
    hold()
    assert Hold.objects.filter(released_at=None).count() == 2


@pytest.mark.parametrize(
    ("role", "where"),
    [
        ("manager", "midwest"),
        ("field_coordinator", "midwest"),
        ("manager", "hillroad"),
        ("technician", "nfc"),
        ("auditor", "irel"),
        ("administrator", "irel"),
        ("manager", "mines"),
    ],
)
def test_others_write_nothing(register, ground, person, role, where):
    sample, other = register(0), person(role, where)
    hold = sample_services.set_hold(actor=ground.manager, sample=sample, kind="CUSTODY", reason="x")
    for call in (
        lambda: register(1, actor=other),
        lambda: sample_services.correct_sample(actor=other, sample=sample, reason="x", changes={"note": "y"}),
        lambda: sample_services.withdraw_sample(actor=other, sample=sample, reason="x"),
        lambda: sample_services.set_hold(actor=other, sample=sample, kind="CUSTODY", reason="x"),
        lambda: sample_services.release_hold(actor=other, hold=hold, reason="x"),
        lambda: sample_services.add_external_number(actor=other, sample=sample, kind="FIELD", number="1"),
        lambda: services.close_batch(actor=other, batch=ground.batch),
        lambda: services.issue_tags(actor=other, owner=ground.owner, count=1),
        lambda: services.change_due_diligence(actor=other, mine=ground.mine, status="RED"),
    ):
        refused(call, "not-permitted", kind=NotPermitted)
    assert Sample.objects.get().state == "REGISTERED"
    assert Tag.objects.count() == 10


def test_a_coordinator_does_not_withdraw_or_hold(register, ground):
    sample = register(0)
    for call in (
        lambda: sample_services.withdraw_sample(actor=ground.coordinator, sample=sample, reason="x"),
        lambda: sample_services.set_hold(actor=ground.coordinator, sample=sample, kind="CUSTODY", reason="x"),
    ):
        refused(call, "not-permitted", kind=NotPermitted)
