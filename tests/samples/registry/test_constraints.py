"""Every named constraint is seen to reject what it is there for, past the services."""

from decimal import Decimal

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, transaction

from lims.errors import Conflict, Invalid
from lims.ids import uuid7
from lims.verbs import SystemActor, acting, verb
from samples.registry import sample_services, services
from samples.registry.models import (
    Batch,
    BatchParty,
    Correction,
    ExternalNumber,
    Hold,
    ListRow,
    Mine,
    Sample,
    SampleList,
    Tag,
    TagSeries,
)
from tests.samples.registry.conftest import COLLECTED
from tests.support.people import organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole(ground, register):
    """Return one good row of everything, by its model."""
    sample = register(0, field_number="F-1")
    hold = sample_services.set_hold(actor=ground.manager, sample=sample, kind="CUSTODY", reason="x")
    correction = sample_services.correct_sample(
        actor=ground.manager, sample=sample, reason="x", changes={"note": "y"}
    )
    party = services.add_party(
        actor=ground.manager, batch=ground.batch, organisation=organisation("nfc"), part="TESTER"
    )
    with acting(SystemActor("tests"), verb_name="tests"):
        listed = SampleList.objects.create(
            batch=ground.batch, file_name="l.csv", sha256="0" * 64, uploaded_by=ground.manager
        )
        row = ListRow.objects.create(sample_list=listed, number=2, raw={}, values={})
    assert correction
    return {
        Mine: ground.mine,
        Batch: ground.batch,
        BatchParty: party,
        TagSeries: TagSeries.objects.get(),
        Tag: Tag.objects.get(code=ground.tags[1]),
        Sample: sample,
        Correction: Correction.objects.get(),
        ExternalNumber: ExternalNumber.objects.get(),
        Hold: hold,
        SampleList: listed,
        ListRow: row,
    }


AWAY = {"latitude": Decimal("28.6"), "longitude": Decimal("77.2")}
#: constraint → the model, and what a second row like the good one is changed to
BROKEN = {
    "mine_code_once": (Mine, {"code": "pw-2"}),
    "mine_due_diligence_known": (Mine, {"code": "X", "due_diligence": "BLUE"}),
    "mine_in_region": (Mine, {"code": "X"} | AWAY),
    "mine_named": (Mine, {"code": "X", "name": ""}),
    "batch_code_once": (Batch, {}),
    "batch_material_known": (Batch, {"code": "X", "material_type": "GOLD"}),
    "batch_state_known": (Batch, {"code": "X", "state": "LOST"}),
    "batch_campaign_given": (Batch, {"code": "X", "campaign": ""}),
    "batch_plan_positive": (Batch, {"code": "X", "planned_count": 0}),
    "batch_party_once": (BatchParty, {}),
    "batch_party_part_known": (BatchParty, {"part": "FRIEND"}),
    "tag_prefix_once": (TagSeries, {"owner": "midwest"}),
    "tag_prefix_form": (TagSeries, {"owner": "midwest", "prefix": "k1"}),
    "tag_code_once": (Tag, {}),
    "tag_code_form": (Tag, {"code": "kc000001"}),
    "sample_mass_positive": (Sample, {"tag": 1, "mass_g": Decimal(0)}),
    "sample_mass_of_a_bag": (Sample, {"tag": 1, "mass_g": Decimal("100000.001")}),
    "sample_place_whole": (Sample, {"tag": 1, "latitude": Decimal("26.1")}),
    "sample_in_region": (Sample, {"tag": 1} | AWAY),
    "sample_accuracy_positive": (
        Sample,
        {"tag": 1, "latitude": Decimal("26.1"), "longitude": Decimal("98.4"), "accuracy_m": Decimal(0)},
    ),
    "sample_depth_positive": (Sample, {"tag": 1, "depth_m": Decimal("-0.5")}),
    "sample_state_known": (Sample, {"tag": 1, "state": "LOST"}),
    "sample_withdrawn_with_reason": (Sample, {"tag": 1, "withdrawn_reason": "but it is not"}),
    "correction_reason_given": (Correction, {"reason": ""}),
    "external_number_once": (ExternalNumber, {"number": "f-1"}),
    "external_number_kind_known": (ExternalNumber, {"kind": "X"}),
    "external_number_given": (ExternalNumber, {"number": ""}),
    "hold_open_once": (Hold, {}),
    "hold_kind_known": (Hold, {"kind": "X"}),
    "hold_reason_given": (Hold, {"kind": "RADIOLOGICAL", "reason": ""}),
    "hold_released_with_reason": (Hold, {"kind": "RADIOLOGICAL", "released_at": COLLECTED}),
    "list_file_once": (SampleList, {}),
    "list_state_known": (SampleList, {"sha256": "1" * 64, "state": "LOST"}),
    "list_row_once": (ListRow, {}),
}


#: those of the road's tables (plans, blocks of tags, photographs) are in tests/samples/test_road_constraints.py
MODELS = {
    Batch,
    BatchParty,
    Correction,
    ExternalNumber,
    Hold,
    ListRow,
    Mine,
    Sample,
    SampleList,
    Tag,
    TagSeries,
}


def test_each_constraint_of_the_registry_is_here():
    declared = {
        constraint.name
        for model in apps.get_app_config("samples").get_models()
        if model in MODELS
        for constraint in model._meta.constraints
    }
    assert declared == set(BROKEN)


def changed(change, ground):
    """Return a change with its stand-ins replaced: an organisation's name, the n-th tag."""
    made = dict(change)
    if "owner" in made:
        made["owner"] = organisation(made["owner"])
    if "tag" in made:
        made["tag"] = Tag.objects.get(code=ground.tags[made["tag"]])
    return made


def broken(name, ground, whole):
    """Return a second row that breaks the constraint `name`."""
    model, change = BROKEN[name]
    again = model.objects.get(pk=whole[model].pk)
    if model is not TagSeries:
        again.pk = None if model is ListRow else uuid7()
    again._state.adding = True
    for field, value in changed(change, ground).items():
        setattr(again, field, value)
    return again


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_rejects(name, ground, whole):
    row = broken(name, ground, whole)
    with (
        pytest.raises(IntegrityError) as caught,
        transaction.atomic(),
        acting(SystemActor("tests"), verb_name="tests"),
    ):
        row.save(force_insert=True)
    assert caught.value.__cause__.diag.constraint_name == name


@verb
def save(*, actor, row):
    """Save a row as a service would."""
    row.save(force_insert=True)


@pytest.mark.parametrize("name", BROKEN)
def test_what_the_database_rejects_becomes_a_problem_with_a_code(name, ground, whole):
    row = broken(name, ground, whole)
    with pytest.raises((Conflict, Invalid)) as caught, transaction.atomic():
        save(actor=SystemActor("tests"), row=row)
    problem = caught.value.problems[0]
    expected = {"mine_in_region": "place-outside-region"}
    assert problem.code == expected.get(name, name.replace("_", "-"))
    assert isinstance(caught.value, Conflict) is name.endswith("_once")


def test_the_database_refuses_a_transition_that_no_table_allows(ground, register):
    sample = register(0)
    sample_services.withdraw_sample(actor=ground.manager, sample=sample, reason="x")
    with (
        pytest.raises(DatabaseError, match="REGISTERED"),
        transaction.atomic(),
        acting(SystemActor("tests"), verb_name="tests"),
    ):
        Sample.objects.filter(pk=sample.pk).update(state="REGISTERED", withdrawn_reason="")
    assert Sample.objects.get().state == "WITHDRAWN"
