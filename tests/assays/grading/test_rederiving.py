"""Stored decisions derived anew: the same each time, and whatever was altered is named."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from assays.grading.deciding import decide_batch
from assays.grading.models import Decision
from assays.grading.rederiving import differences_of, rederive
from lims.verbs import acting
from tests.assays.grading.ground import TESTS, Ground, make_ground
from tests.assays.grading.test_services import approved

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground() -> Ground:
    return make_ground()


@pytest.fixture
def decision(ground: Ground) -> Decision:
    approved(ground)
    decide_batch(actor=TESTS, batch=ground.batch)
    return Decision.objects.select_related("batch", "policy").get()


def run(*arguments: str) -> tuple[int, str]:
    """Return the exit status of `redecide` and what it said."""
    said = StringIO()
    try:
        call_command("redecide", *arguments, stdout=said)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def forged(decision: Decision, **changed: Any) -> Decision:
    """Keep a copy of a decision with something changed, as somebody might who writes into the table."""
    names = [field.attname for field in Decision._meta.fields if field.attname not in {"id", "decided_at"}]
    row = {name: getattr(decision, name) for name in names}
    with acting(TESTS, verb_name="forge"):
        return Decision.objects.create(**(row | {"number": decision.number + 1} | changed))


def test_a_decision_that_nobody_touched_comes_out_again(decision: Decision) -> None:
    assert list(differences_of(decision)) == []
    found = rederive(Decision.objects.all())
    assert (found.checked, found.earlier_versions, found.differences) == (1, 0, [])
    assert run("--check")[0] == 0


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("outcome", "NOT_FLAGGED", "answer-differs"),
        ("provisional", True, "answer-differs"),
        ("sentence", "Enough.", "answer-differs"),
        ("warnings", ["Nothing"], "answer-differs"),
        ("sources", {}, "digest-differs"),
        ("digest", "0" * 64, "digest-differs"),
        ("factors_version", "1900", "digest-differs"),
        ("code_version", "1900", "digest-differs"),
    ],
)
def test_any_field_that_was_altered_is_named(decision: Decision, field: str, value: Any, code: str) -> None:
    setattr(decision, field, value)
    assert [one.code for one in differences_of(decision)] == [code]


def test_a_number_of_a_criterion_is_named_with_its_place(decision: Decision) -> None:
    lower = decision.criteria[1]["lower"]
    decision.criteria[1]["lower"] = lower + 0.5
    [one] = differences_of(decision)
    assert (one.field, one.stored, one.derived) == ("criteria[1].lower (Tb)", lower + 0.5, lower)


def test_a_criterion_that_was_taken_away_is_seen(decision: Decision) -> None:
    decision.criteria = decision.criteria[:1]
    assert [one.field for one in differences_of(decision)] == ["criteria"]


def test_an_altered_case_changes_digest_and_answer(decision: Decision) -> None:
    decision.case["samples"] = decision.case["samples"][:4]
    assert {one.code for one in differences_of(decision)} == {"digest-differs", "answer-differs"}


def test_a_case_that_cannot_be_read_is_a_difference(decision: Decision) -> None:
    decision.case["samples"][0]["mass_kg"] = "heavy"
    found = list(differences_of(decision))
    assert [one.code for one in found] == ["digest-differs", "case-unreadable"]


def test_the_command_names_what_differs_and_exits_with_1(decision: Decision) -> None:
    forged(decision, outcome="NOT_FLAGGED")
    status, said = run("--check")
    assert status == 1
    named = f"{decision.batch.code} no. 2: outcome is stored as 'NOT_FLAGGED', derived anew as 'FLAGGED'"
    assert named in said
    status, said = run("--check", "--json", "--batch", decision.batch.code.lower())
    answer = json.loads(said)
    assert (status, answer["ok"], answer["checked"], len(answer["differences"])) == (1, False, 2, 1)


def test_decisions_of_an_earlier_version_are_counted(decision: Decision) -> None:
    forged(decision, code_version="2025.1")
    assert rederive(Decision.objects.all()).earlier_versions == 1


@pytest.mark.parametrize("arguments", [(), ("--check", "--batch", "NOBODY")])
def test_what_cannot_be_checked_exits_with_2(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("redecide", *arguments)
    assert refusal.value.returncode == 2


def test_it_takes_the_same_queries_however_many(decision: Decision, django_assert_num_queries: Any) -> None:
    for number in range(2, 6):
        forged(decision, number=number)
    with django_assert_num_queries(1):
        rederive(Decision.objects.all())
