"""Lists from upload to record, on a real worker."""

from decimal import Decimal

import pytest
from django.db import connection

from lims.accounts.models import User
from lims.errors import Conflict, Invalid
from lims.work import runner
from lims.work.models import Claim, Request
from lims.work.tasks import go_round
from samples.registry import list_services, services
from samples.registry.list_services import COMMIT, READ
from samples.registry.models import Batch, ListRow, Sample, SampleList, Tag
from samples.registry.rules import make_tag, show_tag
from samples.registry.sample_services import withdraw_sample
from tests.support.people import organisation
from tests.support.worker import until

HEAD = "tag,mass_kg,collected_at,field_number\n"


@pytest.fixture
def coordinator(person) -> User:
    return person("field_coordinator", "irel")


@pytest.fixture
def batch(coordinator) -> Batch:
    mine = services.add_mine(
        actor=coordinator,
        owner=organisation("irel"),
        code="M1",
        name="Site 1",
        latitude=Decimal("26.1"),
        longitude=Decimal("98.4"),
        controlling_body="KIA",
        deposit_type="Ion-adsorption clay",
    )
    return services.open_batch(
        actor=coordinator, mine=mine, material_type="ION_ADSORPTION_CLAY", campaign="First"
    )


@pytest.fixture
def tags(coordinator) -> list[Tag]:
    services.start_tags(actor=coordinator, owner=organisation("irel"), prefix="KC")
    return services.issue_tags(actor=coordinator, owner=organisation("irel"), count=6)


def upload(coordinator: User, batch: Batch, text: str) -> SampleList:
    return list_services.upload_list(actor=coordinator, batch=batch, name="list.csv", content=text.encode())


def listed(tags: list[Tag], masses: list[str]) -> str:
    return HEAD + "".join(
        f"{show_tag(t.code)},{m},2026-11-03,F{n}\n"
        for n, (t, m) in enumerate(zip(tags, masses, strict=False))
    )


@pytest.mark.django_db
def test_a_list_is_read_row_by_row_and_good_rows_are_registered(coordinator, batch, tags):
    text = (
        listed(tags, ["2", "0", "2.5"])
        + f"KC-999999-0,2,2026-11-03,X\n{tags[3]},2,2026-11-03,Y\n{tags[3]},2,2026-11-03,Z\n"
    )
    found = upload(coordinator, batch, text)
    assert runner.look(READ, str(found.pk)) == 1
    found.refresh_from_db()
    assert (found.state, found.rows_read, found.rows_good) == ("READ", 6, 2)
    told = {row.number: [problem["code"] for problem in row.problems] for row in ListRow.objects.all()}
    assert told == {
        2: [],
        3: ["mass-not-positive"],
        4: [],
        5: ["tag-check-character"],
        6: ["tag-twice"],
        7: ["tag-twice"],
    }
    assert Sample.objects.count() == 0, "nothing is registered before somebody says so"
    list_services.commit_list(actor=coordinator, sample_list=found)
    assert runner.look(COMMIT, str(found.pk)) == 1
    found.refresh_from_db()
    assert (found.state, found.rows_committed) == ("COMMITTED", 2)
    registered = Sample.objects.order_by("tag__code").values_list("tag__code", "mass_g", "registered_by")
    assert [(code, str(mass), by) for code, mass, by in registered] == [
        (tags[0].code, "2000.000", coordinator.pk),
        (tags[2].code, "2500.000", coordinator.pk),
    ]
    assert ListRow.objects.filter(sample__isnull=False).count() == 2


@pytest.mark.django_db
def test_tags_that_are_used_or_were_never_issued_are_told_in_the_preview(coordinator, batch, tags):
    first = upload(coordinator, batch, listed(tags[:1], ["2"]))
    runner.look(READ, str(first.pk))
    list_services.commit_list(actor=coordinator, sample_list=first)
    runner.look(COMMIT, str(first.pk))
    text = HEAD + f"{tags[0]},2,2026-11-03,F9\n{make_tag('ZZ', 1)},2,2026-11-03,\n{tags[1]},2,2026-11-03,f0\n"
    second = upload(coordinator, batch, text)
    runner.look(READ, str(second.pk))
    told = [
        [problem["code"] for problem in row.problems]
        for row in ListRow.objects.filter(sample_list=second).order_by("number")
    ]
    assert told == [["tag-used"], ["tag-unknown"], ["external-number-once"]]


@pytest.mark.django_db
def test_the_same_file_twice_is_refused_with_the_first(coordinator, batch, tags):
    first = upload(coordinator, batch, listed(tags, ["2"]))
    with pytest.raises(Conflict) as refusal:
        upload(coordinator, batch, listed(tags, ["2"]))
    assert refusal.value.problems[0].code == "list-file-once"
    assert refusal.value.problems[0].extra == {"list": str(first.pk)}
    list_services.discard_list(actor=coordinator, sample_list=first)
    assert upload(coordinator, batch, listed(tags, ["2"])).pk != first.pk


@pytest.mark.django_db
def test_a_file_that_is_no_list_is_refused_as_a_whole_and_may_come_again(coordinator, batch):
    found = upload(coordinator, batch, "tag,colour\nA,red\n")
    runner.look(READ, str(found.pk))
    found.refresh_from_db()
    assert (found.state, [problem["code"] for problem in found.problems]) == (
        "REFUSED",
        ["column-unknown", "column-missing", "column-missing"],
    )
    assert upload(coordinator, batch, "tag,colour\nA,red\n").pk != found.pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "code"), [(b"", "file-empty"), (b"x" * (10 * 1024 * 1024 + 1), "file-too-large")]
)
def test_a_file_that_is_not_worth_reading_is_refused_at_once(coordinator, batch, content, code):
    with pytest.raises(Invalid) as refusal:
        list_services.upload_list(actor=coordinator, batch=batch, name="a.csv", content=content)
    assert refusal.value.problems[0].code == code


@pytest.mark.django_db
def test_a_list_with_nothing_good_cannot_be_committed(coordinator, batch, tags):
    found = upload(coordinator, batch, listed(tags, ["0"]))
    runner.look(READ, str(found.pk))
    found.refresh_from_db()
    with pytest.raises(Conflict) as refusal:
        list_services.commit_list(actor=coordinator, sample_list=found)
    assert refusal.value.problems[0].code == "list-nothing-good"


@pytest.mark.django_db
def test_a_list_meets_a_record_that_has_changed_and_comes_back(coordinator, batch, tags):
    first, second = (
        upload(coordinator, batch, listed(tags[:2], masses)) for masses in (["2", "3"], ["2", "4"])
    )
    for found in (first, second):
        runner.look(READ, str(found.pk))
        found.refresh_from_db()
        assert found.rows_good == 2
        list_services.commit_list(actor=coordinator, sample_list=found)
    for found in (first, second):
        runner.look(COMMIT, str(found.pk))
        found.refresh_from_db()
    assert (first.state, second.state, second.rows_good) == ("COMMITTED", "READ", 0)
    told = {problem["code"] for row in ListRow.objects.filter(sample_list=second) for problem in row.problems}
    assert told == {"tag-used", "external-number-once"}
    assert Sample.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_thousand_rows_arrive_once_though_the_worker_is_killed(worker, coordinator, batch):
    services.start_tags(actor=coordinator, owner=organisation("irel"), prefix="KC")
    tags = [
        t
        for _ in range(2)
        for t in services.issue_tags(actor=coordinator, owner=organisation("irel"), count=1000)
    ]
    found = upload(coordinator, batch, listed(tags, ["2.150"] * len(tags)))
    until(lambda: SampleList.objects.filter(pk=found.pk, state="READ").exists())
    found.refresh_from_db()
    list_services.commit_list(actor=coordinator, sample_list=found)
    until(lambda: Claim.objects.filter(kind=COMMIT).exists())
    worker.kill()
    assert Sample.objects.count() in {0, len(tags)}, "all or none"
    worker.start()

    def round_and_look() -> bool:
        go_round()
        return SampleList.objects.filter(pk=found.pk, state="COMMITTED").exists()

    until(round_and_look, within_s=60, every_s=0.3)
    assert Sample.objects.count() == len(tags)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT row_key) FROM lims_ledgerentry WHERE table_name = 'samples_sample'"
        )
        assert cursor.fetchone() == (len(tags), len(tags))
    assert not Request.objects.exists()


@pytest.mark.django_db
def test_a_withdrawn_sample_keeps_its_tag(coordinator, person, batch, tags):
    found = upload(coordinator, batch, listed(tags[:1], ["2"]))
    runner.look(READ, str(found.pk))
    list_services.commit_list(actor=coordinator, sample_list=SampleList.objects.get())
    runner.look(COMMIT, str(found.pk))
    withdraw_sample(actor=person("manager", "irel"), sample=Sample.objects.get(), reason="Bag burst")
    again = upload(coordinator, batch, listed(tags[:1], ["3"]))
    runner.look(READ, str(again.pk))
    assert [problem["code"] for row in ListRow.objects.filter(sample_list=again) for problem in row.problems][
        :1
    ] == ["tag-used"]
