"""While Valkey is away, the cache forgets instead of failing."""

import pytest

from config.cache import OpenCache
from lims.api import throttling

AWAY = OpenCache("unix:///nowhere/valkey.sock?db=0", {})


def test_nothing_is_found_and_nothing_fails():
    assert AWAY.get("a") is None
    assert AWAY.get("a", 7) == 7
    assert (AWAY.add("a", 1), AWAY.has_key("a"), AWAY.delete("a"), AWAY.get_many(["a"])) == (
        True,
        False,
        False,
        {},
    )
    AWAY.set("a", 1)
    assert AWAY.incr("a") == 1


@pytest.mark.django_db
def test_people_sign_in_and_call_without_it(client, monkeypatch, person):
    for holder in (throttling.PerPerson, throttling.Anonymous):
        monkeypatch.setattr(holder, "cache", AWAY)
    monkeypatch.setattr("allauth.core.internal.ratelimit.cache", AWAY)
    assert client.get("/api/v1/me/").status_code == 401
    user = person("manager", "irel", password="a long enough pass phrase 7")
    answer = client.post("/account/login/", {"login": user.email, "password": "a long enough pass phrase 7"})
    assert answer.status_code == 302
    assert client.get("/api/v1/me/").status_code == 200
