"""Notices: told by the system, read by the person, nobody else's to touch."""

import pytest

from lims.errors import NotPermitted
from lims.verbs import SystemActor
from lims.web.models import Notice
from lims.web.queries import notices_before, unread_count
from lims.web.services import mark_all_read, mark_read, tell

pytestmark = pytest.mark.django_db

BEAT = SystemActor("beat")


@pytest.fixture
def asha(person):
    return person("manager", "irel", nick="asha")


@pytest.fixture
def ravi(person):
    return person("manager", "midwest", nick="ravi")


def told(user, title="Leg 3 is overdue", **more: str):
    return tell(actor=BEAT, user=user, kind="leg.overdue", title=title, **more)


def test_told_and_read_once(asha):
    notice = told(asha, body="By 6 h.", url="/search/")
    assert (unread_count(asha), notice.read_at) == (1, None)
    first = mark_read(actor=asha, notice=notice).read_at
    assert first is not None
    assert mark_read(actor=asha, notice=notice).read_at == first
    assert unread_count(asha) == 0


def test_a_long_title_is_cut_not_refused(asha):
    assert len(told(asha, title="x" * 500).title) == 200


def test_nobody_reads_for_another(asha, ravi):
    notice = told(asha)
    with pytest.raises(NotPermitted):
        mark_read(actor=ravi, notice=notice)
    notice.refresh_from_db()
    assert notice.read_at is None


def test_all_of_ones_own(asha, ravi):
    told(asha), told(asha), told(ravi)
    assert mark_all_read(actor=asha) == 2
    assert (unread_count(asha), unread_count(ravi)) == (0, 1)


def test_pages_go_back_in_time(asha):
    titles = [told(asha, title=str(number)).title for number in range(5)]
    first = notices_before(asha, None, size=2)
    second = notices_before(asha, first.rows[-1].pk, size=2)
    third = notices_before(asha, second.rows[-1].pk, size=2)
    assert [n.title for page in (first, second, third) for n in page.rows] == titles[::-1]
    assert (first.next, second.next, third.next) == (str(first.rows[-1].pk), str(second.rows[-1].pk), None)


def test_the_list_and_the_bell(asha, ravi, signed_in):
    told(asha, title="Yours <b>", body="Of today.")
    told(ravi, title="Not yours")
    page = signed_in(asha).get("/notices/").content.decode()
    assert "Yours &lt;b&gt;" in page
    assert "Not yours" not in page
    assert 'aria-label="Notices, 1 unread"' in page


def test_reading_goes_where_it_leads(asha, signed_in):
    inside, outside = told(asha, url="/search/?q=KC-1"), told(asha, url="https://elsewhere.example/")
    client = signed_in(asha)
    assert client.post(f"/notices/{inside.pk}/read/")["Location"] == "/search/?q=KC-1"
    assert client.post(f"/notices/{outside.pk}/read/")["Location"] == "/notices/"
    assert not Notice.objects.filter(read_at=None).exists()


def test_anothers_notice_is_not_there(asha, ravi, signed_in):
    notice = told(asha)
    answer = signed_in(ravi).post(f"/notices/{notice.pk}/read/")
    assert answer.status_code == 404
    assert "You have no such notice." in answer.content.decode()
    assert unread_count(asha) == 1


def test_mark_all_says_how_many(asha, signed_in):
    told(asha), told(asha)
    client = signed_in(asha)
    assert "2 marked as read." in client.post("/notices/read/", follow=True).content.decode()
    assert "Nothing was unread." in client.post("/notices/read/", follow=True).content.decode()


def test_reading_is_never_by_a_link(asha, signed_in):
    notice = told(asha)
    client = signed_in(asha)
    assert client.get(f"/notices/{notice.pk}/read/").status_code == 405
    assert client.get("/notices/read/").status_code == 405
    assert unread_count(asha) == 1


def test_a_damaged_cursor_is_the_first_page(asha, signed_in):
    told(asha, title="Here")
    assert "Here" in signed_in(asha).get("/notices/?cursor=nonsense").content.decode()


def test_the_list_costs_the_same_for_one_and_three(asha, signed_in, django_assert_num_queries):
    client = signed_in(asha)
    told(asha)
    client.get("/notices/")
    with django_assert_num_queries(5) as one:
        client.get("/notices/")
    told(asha), told(asha)
    with django_assert_num_queries(len(one)):
        client.get("/notices/")
