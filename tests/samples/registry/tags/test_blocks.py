"""Blocks of tags: reserved for one coordinator, used by nobody else, released; and the address on each label."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from lims.errors import DomainError, NotPermitted
from samples.registry import queries, sample_services
from samples.registry.drafts import Draft
from samples.registry.list_rows import record_problems
from samples.registry.models import Sample, Tag, TagBlock
from samples.registry.readers import ReadRow
from samples.registry.rules import make_tag, read_tag, show_tag, tag_address
from samples.registry.services import issue_tags
from samples.registry.tags.queries import blocks_for, look_up, seen_blocks, tags_to_print
from samples.registry.tags.rules import MOST_LABELS
from samples.registry.tags.services import release_block, reserve_tags
from tests.samples.registry.conftest import COLLECTED
from tests.support.people import person as a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(person):
    return a_person("field_coordinator", "irel", nick="second")


@pytest.fixture
def block(ground, colleague):
    return reserve_tags(
        actor=ground.manager, owner=ground.owner, coordinator=colleague, count=3, note=" Pangwa,  December "
    )


def code(caught):
    return caught.value.problems[0].code


def test_a_block_is_the_owners_next_tags_in_a_row(ground, colleague, block):
    tags = list(Tag.objects.filter(block=block).order_by("code"))
    assert [tag.code for tag in tags] == [make_tag("KC", number) for number in (11, 12, 13)]
    assert (block.first, block.last, block.count, block.note) == (
        tags[0].code,
        tags[2].code,
        3,
        "Pangwa, December",
    )
    assert (block.coordinator, block.reserved_by) == (colleague, ground.manager)
    assert issue_tags(actor=ground.coordinator, owner=ground.owner, count=1)[0].block is None


def test_only_the_coordinator_and_managers_use_a_reserved_tag(ground, colleague, block, register):
    with pytest.raises(DomainError) as refused:
        register(tag_code=block.first)
    assert code(refused) == "tag-reserved"
    assert colleague.name in str(refused.value)
    assert not Sample.objects.exists()
    codes = [tag.code for tag in Tag.objects.filter(block=block).order_by("code")]
    register(tag_code=codes[0], actor=colleague)
    register(tag_code=codes[1], actor=ground.manager)
    release_block(actor=colleague, block=block)
    register(tag_code=codes[2])
    assert Sample.objects.count() == 3


def test_a_list_says_which_rows_have_tags_of_others(ground, colleague, block):
    def rows():
        tags = {2: block.first, 3: ground.tags[0]}
        drafts = [Draft(tag, Decimal(1), COLLECTED, row=row) for row, tag in tags.items()]
        return [ReadRow(draft.row, {}, draft) for draft in drafts]

    for by, codes in ((ground.coordinator, ["tag-reserved"]), (colleague, []), (ground.manager, [])):
        read = rows()
        record_problems(ground.batch, read, by)
        assert [problem.code for row in read for problem in row.problems] == codes


def test_released_by_its_coordinator_or_a_manager_once(ground, colleague, block):
    with pytest.raises(NotPermitted):
        release_block(actor=ground.coordinator, block=block)
    released = release_block(actor=ground.manager, block=block)
    assert released.released_by == ground.manager
    with pytest.raises(DomainError) as refused:
        release_block(actor=colleague, block=block)
    assert code(refused) == "block-released"


def test_a_block_is_for_one_who_registers_for_the_owner(ground, person):
    for stranger in (person("manager", "midwest"), person("technician", "nfc"), person("auditor", "mines")):
        with pytest.raises(DomainError) as refused:
            reserve_tags(actor=ground.manager, owner=ground.owner, coordinator=stranger, count=1)
        assert code(refused) == "coordinator-unfit"
        with pytest.raises(NotPermitted):
            reserve_tags(actor=stranger, owner=ground.owner, coordinator=ground.coordinator, count=1)
    for count in (0, 1001):
        with pytest.raises(DomainError) as refused:
            reserve_tags(actor=ground.manager, owner=ground.owner, coordinator=ground.manager, count=count)
        assert code(refused) == "count-out-of-range"
    assert not TagBlock.objects.exists()


def test_used_and_unused_are_counted_in_one_query(ground, colleague, block, register):
    register(tag_code=block.first, actor=colleague)
    reserve_tags(actor=ground.manager, owner=ground.owner, coordinator=colleague, count=2)
    user = type(colleague).objects.get(pk=colleague.pk)
    assert user.roles
    with CaptureQueriesContext(
        connection,
    ) as caught:
        seen = seen_blocks(user, blocks_for(user).order_by("id"))
    assert len(caught) == 1
    assert [(one.used, one.unused, one.percent, one.may_release) for one in seen] == [
        (1, 2, 33, True),
        (0, 2, 0, True),
    ]
    assert [one.may_release for one in seen_blocks(ground.coordinator, blocks_for(ground.coordinator))] == [
        False,
        False,
    ]


def test_another_owner_sees_and_prints_nothing_of_it(ground, block, person):
    stranger = person("manager", "midwest")
    assert not blocks_for(stranger).exists()
    for chosen in ({"block": block.pk}, {"first": block.first, "last": block.last}):
        with pytest.raises(DomainError) as refused:
            tags_to_print(stranger, **chosen)
        assert code(refused) in {"block-unknown", "tag-unknown"}


def test_tags_to_print_are_a_block_or_from_one_to_another(ground, block):
    user = ground.coordinator
    assert [tag.code for tag in tags_to_print(user, block=block.pk)] == [
        make_tag("KC", number) for number in (11, 12, 13)
    ]
    some = tags_to_print(user, first=show_tag(ground.tags[2]), last=tag_address("https://x", ground.tags[4]))
    assert [tag.code for tag in some] == ground.tags[2:5]
    assert [tag.code for tag in tags_to_print(user, first=ground.tags[2])] == [ground.tags[2]]
    with pytest.raises(DomainError) as refused:
        tags_to_print(user)
    assert code(refused) == "tags-not-chosen"
    last = issue_tags(actor=user, owner=ground.owner, count=MOST_LABELS - 12)[-1].code
    with pytest.raises(DomainError) as refused:
        tags_to_print(user, first=ground.tags[0], last=last)
    assert code(refused) == "count-out-of-range"


@given(
    number=st.integers(1, 999_999),
    prefix=st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2),
    site=st.sampled_from(["http://127.0.0.1:8000", "https://lims.example/", "HTTPS://A.B/rare/t"]),
    after=st.sampled_from(["", "/"]),
    lower=st.booleans(),
)
def test_a_tag_and_its_address_are_read_alike(number, prefix, site, after, lower):
    tag = make_tag(prefix, number)
    for text in (tag, show_tag(tag), f" {tag[:4]} {tag[4:]}\n", tag_address(site, tag) + after):
        assert read_tag(text.lower() if lower else text) == tag


@pytest.mark.parametrize(
    "text",
    [
        "https://lims.example/t/",
        "https://lims.example/samples/KC000123J",
        "https://lims.example/t/KC000123K",
        "ftp://lims.example/t/KC000123J",
        "https://lims.example/t/KC000123J?a=1",
        "t/KC000123J",
    ],
)
def test_another_address_is_no_tag(text):
    with pytest.raises(DomainError) as refused:
        read_tag(text)
    assert code(refused) in {"tag-malformed", "tag-check-character"}


def test_a_tag_leads_to_its_bag_for_those_who_see_it(ground, register, client, person, block):
    sample = register(0)
    for user in (ground.coordinator, person("auditor", "mines")):
        client.force_login(user)
        assert client.get(f"/t/{ground.tags[0]}").headers["Location"] == f"/samples/{sample.pk}/"
        assert client.get(f"/t/{show_tag(ground.tags[0]).lower()}").status_code == 302
    client.force_login(ground.coordinator)
    page = client.get(f"/t/{ground.tags[1]}")
    assert (page.status_code, "is on no bag yet" in page.content.decode()) == (200, True)
    form = client.get(f"/samples/register/?tag={ground.tags[1]}").content.decode()
    assert f'value="{ground.tags[1]}"' in form
    unknown = client.get(f"/t/{make_tag('ZZ', 1)}")
    assert unknown.status_code == 404
    assert client.get("/t/KC0000011").status_code == 422
    client.force_login(person("manager", "midwest"))
    for tag in (ground.tags[0], ground.tags[1]):
        answer = client.get(f"/t/{tag}")
        assert answer.status_code == 404
        assert "No bag that you know of" in answer.content.decode()
    client.logout()
    asked = client.get(f"/t/{ground.tags[0]}")
    assert asked.headers["Location"].endswith(f"?next=/t/{ground.tags[0]}")


def test_a_free_tag_is_told_to_its_owners_people_only(ground, person):
    assert look_up(ground.manager, ground.tags[3]).sample is None
    with pytest.raises(DomainError) as refused:
        look_up(person("receptionist", "nfc"), ground.tags[3])
    assert code(refused) == "tag-unknown"


def test_pages_reserve_print_and_release(ground, colleague, client):
    client.force_login(colleague)
    sent = {"owner": ground.owner.pk, "coordinator": colleague.pk, "count": 2, "note": "Pangwa"}
    answer = client.post("/tags/reserve/", sent, follow=True)
    block = TagBlock.objects.get()
    text = answer.content.decode()
    assert f"{show_tag(block.first)} to {show_tag(block.last)} are reserved for {colleague.name}." in text
    assert "Pangwa" in text
    printed = client.get(f"/tags/labels.pdf?block={block.pk}&inside=on&marks=on")
    assert (printed.status_code, printed.content[:5]) == (200, b"%PDF-")
    assert f"labels_{block.first}_{block.last}.pdf" in printed["Content-Disposition"]
    zpl = client.get(f"/tags/labels.zpl?block={block.pk}")
    assert zpl.content.decode().count("^XA") == 2
    refused = client.get(f"/tags/labels.pdf?first={ground.tags[0]}&skip=10&size=LARGE")
    assert (refused.status_code, "A sheet has 10 labels" in refused.content.decode()) == (422, True)
    refused = client.post("/tags/reserve/", sent | {"count": 0})
    assert refused.status_code == 422
    assert client.post(f"/tags/blocks/{block.pk}/release/", follow=True).status_code == 200
    assert TagBlock.objects.get().released_by == colleague


def test_the_api_does_what_the_pages_do(ground, colleague, client):
    client.force_login(colleague)
    sent = {"owner": str(ground.owner.pk), "coordinator": str(colleague.pk), "count": 2}
    made = client.post("/api/v1/tag-blocks/", sent, content_type="application/json")
    assert (made.status_code, made.json()["unused"]) == (201, 2)
    block = made.json()["id"]
    assert client.get(f"/api/v1/tag-labels/?block={block}").content[:5] == b"%PDF-"
    assert client.get(f"/api/v1/tag-labels/?block={block}&form=zpl").content.decode().count("^XA") == 2
    assert client.get("/api/v1/tag-labels/").status_code == 422
    assert client.get("/api/v1/tag-blocks/").json()["results"][0]["first"] == show_tag(make_tag("KC", 11))
    found = client.get(f"/api/v1/tags/{ground.tags[0].lower()}/").json()
    assert (found["sample"], found["replaced"]) == (None, False)
    assert read_tag(found["address"]) == ground.tags[0]
    released = client.post(f"/api/v1/tag-blocks/{block}/release/")
    assert released.json()["released_at"] is not None
    assert client.post(f"/api/v1/tag-blocks/{block}/release/").status_code == 409


@pytest.mark.django_db(transaction=True)
def test_blocks_that_are_reserved_at_once_share_no_tag(ground):
    gate = threading.Barrier(4)

    def one(_n):
        gate.wait()
        try:
            made = reserve_tags(
                actor=ground.manager, owner=ground.owner, coordinator=ground.coordinator, count=5
            )
            return made.first, made.last
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        blocks = sorted(pool.map(one, range(4)))
    assert blocks == [(make_tag("KC", first), make_tag("KC", first + 4)) for first in (11, 16, 21, 26)]
    assert Tag.objects.exclude(block=None).count() == 20


def test_free_tags_of_a_block_are_free(ground, block):
    free = queries.free_tags(ground.manager).values_list("code", flat=True)
    assert block.first in set(free)
    assert sample_services.register_sample(
        actor=ground.manager,
        batch=ground.batch,
        tag_code=block.first,
        mass_g=Decimal(1),
        collected_at=COLLECTED,
    )
