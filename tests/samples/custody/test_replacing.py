"""A lost tag is replaced: the new one moves on, the old one finds the bag and goes on no other."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from lims.errors import DomainError, NotPermitted
from lims.ids import uuid7
from lims.ledger.models import Entry
from samples.custody import services
from samples.custody.happenings import Here
from samples.custody.models import Incident, Outsider, TagReplacement
from samples.custody.replacing import replace_tag
from samples.custody.tag_checks import replacement_of
from samples.registry import finding, queries, sample_services
from samples.registry.models import Sample, Tag
from samples.registry.photographs import keep_photograph
from samples.registry.rules import show_tag
from samples.registry.tags.queries import look_up
from samples.registry.tags.services import reserve_tags
from tests.samples.custody.conftest import SEALED
from tests.samples.registry.conftest import COLLECTED
from tests.samples.registry.test_photographs import picture

pytestmark = pytest.mark.django_db
WHEN = SEALED + timedelta(hours=1)
WITNESSES = [("Naw Seng", "KC-1"), ("Hkun La", "KC-2")]


def kept(ground, content=None):
    return keep_photograph(actor=ground.manager, owner=ground.owner, content=content or picture())


def replaced(ground, sample, n, **changed):
    given = {
        "actor": ground.coordinator,
        "sample": sample,
        "new_tag": ground.tags[n],
        "reason": "Torn off at the checkpoint",
        "witnesses": WITNESSES,
        "here": Here(WHEN),
    } | changed
    given.setdefault("photograph", None)
    return replace_tag(**given | {"photograph": given["photograph"] or kept(ground)})


def code(caught):
    return caught.value.problems[0].code


def test_the_bag_has_the_new_tag_and_the_old_one_says_so(ground, sealed):
    sample, mine = sealed(0), uuid7()
    made = replaced(ground, sample, 5, new_tag=f" {show_tag(ground.tags[5]).lower()} ", replacement_id=mine)
    assert (made.pk, made.old_tag.code, made.new_tag.code) == (mine, ground.tags[0], ground.tags[5])
    sample = Sample.objects.get()
    assert sample.tag.code == ground.tags[5]
    assert Tag.objects.get(code=ground.tags[0]).replaced_at == WHEN
    assert replacement_of(ground.tags[0]).new_tag.code == ground.tags[5]
    assert replacement_of(ground.tags[5]) is None
    found = look_up(ground.coordinator, ground.tags[0])
    assert (found.sample, found.formerly) == (sample, True)
    assert look_up(ground.coordinator, ground.tags[5]).formerly is False
    for text in (ground.tags[0], ground.tags[5]):
        rows = finding.matching(queries.samples_for(ground.manager), ground.manager, text=text)
        assert list(rows) == [sample]


def test_witnesses_are_kept_beside_and_not_in_the_record(ground, sealed):
    made = replaced(ground, sealed(0), 5)
    assert [(one.name, one.document) for one in (made.witness_one, made.witness_two)] == WITNESSES
    rows = Entry.objects.filter(table_name="samples_outsider", row_key__contains=str(made.witness_one_id))
    assert "Naw Seng" not in str(list(rows.values_list("after", flat=True)))
    assert rows.count() == 1
    assert Outsider.objects.count() == 2


def test_an_old_tag_is_free_for_nobody(ground, sealed, register):
    replaced(ground, sealed(0), 5)
    assert ground.tags[0] not in set(queries.free_tags(ground.manager).values_list("code", flat=True))
    with pytest.raises(DomainError) as refused:
        register(0)
    assert code(refused) == "tag-replaced"
    other = register(1)
    with pytest.raises(DomainError) as refused:
        replaced(ground, other, 0)
    assert code(refused) == "tag-replaced"


def test_a_tag_of_another_bag_or_of_nobody_is_refused(ground, sealed, register, person):
    sample, _other = sealed(0), register(1)
    for n, refusal in ((1, "tag-used"), (0, "tag-same")):
        with pytest.raises(DomainError) as refused:
            replaced(ground, sample, n)
        assert code(refused) == refusal
    with pytest.raises(DomainError) as refused:
        replaced(ground, sample, 0, new_tag="KC-999999-?")
    assert (code(refused), refused.value.problems[0].place.field) == ("tag-malformed", "new_tag")
    colleague = person("manager", "irel")
    block = reserve_tags(actor=ground.manager, owner=ground.owner, coordinator=colleague, count=1)
    with pytest.raises(DomainError) as refused:
        replaced(ground, sample, 0, new_tag=block.first)
    assert code(refused) == "tag-reserved"
    assert not TagReplacement.objects.exists()
    assert Sample.objects.get(pk=sample.pk).tag.code == ground.tags[0]


@pytest.mark.parametrize(
    ("witnesses", "refusal"),
    [
        ([], "witnesses-two"),
        (WITNESSES[:1], "witnesses-two"),
        ([("Naw Seng", "1"), ("naw  seng ", "1")], "witnesses-two"),
        ([*WITNESSES, ("Third", "")], "witnesses-two"),
        ([("Naw Seng", ""), (" ", "")], "field-required"),
    ],
)
def test_two_people_must_have_seen_it(ground, sealed, witnesses, refusal):
    with pytest.raises(DomainError) as refused:
        replaced(ground, sealed(0), 5, witnesses=witnesses)
    assert code(refused) == refusal


def test_a_replacement_that_is_told_late_undoes_no_later_one(ground, sealed):
    sample = sealed(0)
    replaced(ground, sample, 5)
    with pytest.raises(DomainError) as refused:
        replaced(ground, sample, 6, here=Here(WHEN - timedelta(minutes=1)))
    assert code(refused) == "replaced-before"
    replaced(ground, sample, 6, here=Here(WHEN + timedelta(minutes=1)))
    assert [str(row) for row in TagReplacement.objects.order_by("at")] == [
        f"{show_tag(ground.tags[0])} is now {show_tag(ground.tags[5])}",
        f"{show_tag(ground.tags[5])} is now {show_tag(ground.tags[6])}",
    ]
    for old in (0, 5, 6):
        assert look_up(ground.coordinator, ground.tags[old]).sample == sample


def test_who_does_not_hold_the_bag_replaces_no_tag(ground, sealed, person):
    for stranger in (person("manager", "midwest"), person("technician", "nfc"), person("auditor", "mines")):
        with pytest.raises(NotPermitted):
            replaced(
                ground, sealed(0) if not Sample.objects.exists() else Sample.objects.get(), 5, actor=stranger
            )


def test_a_withdrawn_bag_keeps_its_tag(ground, sealed):
    sample = sealed(0)
    sample_services.withdraw_sample(actor=ground.manager, sample=sample, reason="Spilt")
    with pytest.raises(DomainError) as refused:
        replaced(ground, sample, 5)
    assert code(refused) == "sample-withdrawn"


def test_a_replaced_tag_that_is_received_opens_an_incident(ground, on_road, receive):
    sample = Sample.objects.get(tag__code=ground.tags[0])
    replaced(ground, sample, 5)
    receive(on_road, 0)
    incident = Incident.objects.get(kind="TAG_REPLACED")
    assert incident.sample == sample
    assert (incident.facts["seen_tag"], incident.facts["tag_now"]) == (
        show_tag(ground.tags[0]),
        show_tag(ground.tags[5]),
    )
    assert incident.blocking


@pytest.mark.django_db(transaction=True)
def test_two_bags_that_want_the_same_tag_get_it_once(ground, sealed):
    bags, photograph = [sealed(n) for n in range(3)], kept(ground)
    gate = threading.Barrier(len(bags))

    def one(bag):
        gate.wait()
        try:
            return replaced(ground, bag, 7, photograph=photograph).sample_id
        except DomainError as error:
            return error.problems[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(bags)) as pool:
        answers = list(pool.map(one, bags))
    assert answers.count("tag-used") == 2
    assert TagReplacement.objects.get().sample_id in answers
    assert Sample.objects.filter(tag__code=ground.tags[7]).count() == 1
    assert Tag.objects.exclude(replaced_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_tag_goes_on_a_new_bag_or_on_an_old_one(ground, sealed):
    bag, photograph, gate = sealed(0), kept(ground), threading.Barrier(2)

    def registering():
        return sample_services.register_sample(
            actor=ground.coordinator,
            batch=ground.batch,
            tag_code=ground.tags[7],
            mass_g=Decimal(1),
            collected_at=COLLECTED,
        )

    def replacing():
        return replaced(ground, bag, 7, photograph=photograph)

    def one(call):
        gate.wait()
        try:
            return type(call()).__name__
        except DomainError as error:
            return error.problems[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(one, (registering, replacing)))
    assert answers in (["Sample", "tag-used"], ["TagReplacement", "tag-used"])
    assert Sample.objects.filter(tag__code=ground.tags[7]).count() == 1


def test_the_page_keeps_photograph_and_replacement_together(ground, sealed, client):
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    from samples.registry.models import Photograph  # noqa: PLC0415

    sample = sealed(0)
    client.force_login(ground.coordinator)
    address = f"/bags/{sample.pk}/another-tag/"
    sent = {
        "new_tag": f"https://lims.example/t/{ground.tags[5]}",
        "reason": "Torn off",
        "name_one": "Naw Seng",
        "document_one": "1",
        "name_two": "Naw Seng",
        "document_two": "1",
    }
    answer = client.post(address, sent | {"photograph": SimpleUploadedFile("a.jpg", picture())})
    assert answer.status_code == 422
    assert "before two witnesses" in answer.content.decode()
    assert not Photograph.objects.exists()
    sent["name_two"] = "Hkun La"
    answer = client.post(address, sent | {"photograph": SimpleUploadedFile("a.jpg", picture())}, follow=True)
    text = answer.content.decode()
    assert f"{show_tag(ground.tags[0])} is {show_tag(ground.tags[5])} from now on." in text
    assert Photograph.objects.get().sample == sample
    assert TagReplacement.objects.get().new_tag.code == ground.tags[5]
    followed = client.get(f"/t/{ground.tags[0]}", follow=True)
    assert followed.redirect_chain == [(f"/samples/{sample.pk}/", 302)]
    assert f"{show_tag(ground.tags[0])} was replaced" in followed.content.decode()


def test_a_laboratory_hears_that_and_when_not_why_nor_who(ground, on_road, receptionist, client):
    sample = Sample.objects.get(tag__code=ground.tags[0])
    replaced(ground, sample, 5)
    for user, told, named in (
        (ground.manager, True, True),
        (receptionist, False, False),
    ):
        client.force_login(user)
        page = client.get(f"/samples/{sample.pk}/").content.decode()
        api = client.get(f"/api/v1/samples/{sample.pk}/tag-replacements/").content.decode()
        for text in (page, api):
            assert show_tag(ground.tags[0]) in text
            assert ("Torn off at the checkpoint" in text) is told
            assert ("Naw Seng" in text) is named


def test_the_api_replaces_as_the_page_does(ground, sealed, client):
    sample, photograph = sealed(0), kept(ground)
    client.force_login(ground.coordinator)
    sent = {
        "new_tag": ground.tags[5],
        "reason": "Torn off",
        "witnesses": [{"name": "Naw Seng", "document": "1"}, {"name": "Hkun La"}],
        "photograph": str(photograph.pk),
        "at": WHEN.isoformat(),
    }
    address = f"/api/v1/samples/{sample.pk}/tag-replacements/"
    answer = client.post(address, sent, content_type="application/json")
    assert answer.status_code == 201
    assert answer.json()["witnesses"] == ["Naw Seng", "Hkun La"]
    again = client.post(address, sent, content_type="application/json")
    assert (again.status_code, again.json()["problems"][0]["code"]) == (409, "replaced-before")


def test_a_bag_is_packed_under_its_new_tag(ground, packing, sealed):
    sample = sealed(0)
    replaced(ground, sample, 5)
    services.pack(actor=ground.coordinator, consignment=packing, samples=[Sample.objects.get(pk=sample.pk)])
    assert str(packing.items.get().sample) == show_tag(ground.tags[5])
