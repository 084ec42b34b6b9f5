"""Seals are made behind the writers: nothing is skipped, nothing is sealed twice, whoever runs beside."""

import random
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as configured
from django.db import connections, transaction

from lims.errors import DomainError
from lims.ledger import queries, services, witness
from lims.ledger.models import Entry, Seal
from lims.ledger.rules import GENESIS, unpack_ids
from tests.lims.ledger.conftest import (
    add,
    as_tester,
    begin_era,
    connected,
    findings,
    rename,
    seal,
    seal_now,
    write_key,
)

pytestmark = pytest.mark.django_db(transaction=True)

INSERT = "INSERT INTO lims_organisation (id, name, code, kind) VALUES (gen_random_uuid(), %s, %s, 'CARRIER')"


def sealed_ids() -> list[int]:
    """Return the ids of all sealed entries, seal by seal."""
    return [entry for made in Seal.objects.order_by("number") for entry in unpack_ids(bytes(made.entry_ids))]


def witnessed() -> list[int]:
    return [line.number for line in witness.read(witness.size()) if line]


def test_the_first_seal_starts_the_chain_and_the_next_follows():
    add("KC", "KD")
    (first,) = seal()
    add("KE")
    (second,) = seal()
    assert (first.number, first.count, bytes(first.previous), first.lo) == (1, 2, GENESIS, 0)
    assert (second.number, second.count, bytes(second.previous), second.lo) == (
        2,
        1,
        bytes(first.chain),
        first.hi,
    )
    assert sealed_ids() == [1, 2, 3]
    assert witnessed() == [1, 2]


def test_nothing_new_makes_no_seal():
    add("KC")
    seal()
    assert seal() == []
    assert seal() == []
    assert Seal.objects.count() == 1


def test_an_entry_below_a_running_transaction_waits_and_is_sealed_later():
    """The long transaction has the lower id and commits last: sealing by the highest id would skip it."""
    begin_era()
    with connected("app") as long:
        as_tester(long)
        long.autocommit = False
        long.execute(INSERT, ["Slow", "SLOW"])
        add("KC")
        assert seal_now() == []
        assert queries.seal_lag_s() > 0
        long.commit()
    (made,) = seal()
    assert made.count == 2
    assert sorted(sealed_ids()) == [1, 2]
    assert queries.seal_lag_s() == 0
    assert findings() == []


def test_entries_before_a_running_transaction_are_sealed_meanwhile():
    add("KC")
    begin_era()
    with connected("app") as long:
        as_tester(long)
        long.autocommit = False
        long.execute(INSERT, ["Slow", "SLOW"])
        (made,) = seal()
        assert made.count == 1
        long.commit()
    seal()
    assert sealed_ids() == [1, 2]


def test_a_rolled_back_transaction_leaves_no_hole():
    begin_era()
    with connected("app") as long:
        as_tester(long)
        long.autocommit = False
        long.execute(INSERT, ["Slow", "SLOW"])
        add("KC")
        long.rollback()
    (made,) = seal()
    assert (made.count, sealed_ids()) == (1, [2])
    assert findings() == []


def write(number: int, until: float, failures: list[BaseException]) -> None:
    """Commit and roll back transactions of many lengths."""
    chance = random.Random(number)
    try:
        with connected("app") as application:
            as_tester(application)
            application.autocommit = False
            n = 0
            while time.monotonic() < until:
                for _ in range(chance.randint(1, 3)):
                    n += 1
                    application.execute(INSERT, [f"{number}-{n}", f"W{number}N{n}"])
                time.sleep(chance.choice([0, 0, 0.001, 0.02, 0.1]))
                (application.rollback if chance.random() < 0.2 else application.commit)()
    except BaseException as error:  # noqa: BLE001  # told to the test, which fails on it
        failures.append(error)


def keep_sealing(until: float, failures: list[BaseException]) -> None:
    try:
        while time.monotonic() < until:
            seal_now()
            time.sleep(0.005)
    except BaseException as error:  # noqa: BLE001  # told to the test, which fails on it
        failures.append(error)
    finally:
        connections.close_all()


def test_beside_writers_and_other_sealers_nothing_is_skipped_and_nothing_sealed_twice():
    failures: list[BaseException] = []
    until = time.monotonic() + 1.2
    threads = [threading.Thread(target=write, args=(n, until, failures)) for n in range(4)]
    threads += [threading.Thread(target=keep_sealing, args=(until, failures)) for _ in range(2)]
    begin_era()
    with connected("app") as long:
        as_tester(long)
        long.autocommit = False
        long.execute(INSERT, ["Slow", "SLOW"])
        slow = int(long.execute("SELECT pg_current_xact_id()::text").fetchone()[0])
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        assert not Seal.objects.filter(hi__gt=str(slow)).exists()
        assert Entry.objects.filter(xid__gt=slow).exists()
        long.commit()
    for thread in threads:
        thread.join()
    seal()
    assert failures == []
    ids = sealed_ids()
    assert len(ids) == len(set(ids))
    assert sorted(ids) == list(Entry.objects.order_by("id").values_list("id", flat=True))
    assert len(ids) > 20
    assert witnessed() == list(range(1, Seal.objects.count() + 1))
    assert findings() == []


def test_while_another_seals_nothing_is_done():
    add("KC")
    with connected("app") as other:
        other.autocommit = False
        other.execute("SELECT pg_advisory_xact_lock(%s)", [services._LOCK])
        assert seal_now() == []
        other.commit()
    assert len(seal()) == 1


def test_a_large_backlog_is_sealed_in_parts_but_a_transaction_is_never_split(monkeypatch):
    monkeypatch.setattr(services, "SEAL_SIZE", 4)
    for n in range(3):
        add(*[f"K{n}{m}" for m in range(2)])
    add(*[f"L{m}" for m in range(9)])
    add("KZ")
    assert [made.count for made in seal()] == [4, 2, 9, 1]
    assert findings() == []


def test_a_seal_that_rolls_back_is_not_witnessed():
    add("KC")
    with pytest.raises(ZeroDivisionError):
        seal_and_fail()
    assert witness.size() is None
    seal()
    assert witnessed() == [1]


def seal_and_fail() -> None:
    with transaction.atomic():
        seal()
        _ = 1 // 0


def test_the_witness_catches_up_with_seals_that_a_crash_kept_from_it():
    path = Path(configured.LEDGER_WITNESS_FILE)
    companies = add("KC")
    seal()
    rename(companies[0], "A")
    seal()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1][:40])
    seal()
    assert path.read_bytes() == b"".join(lines)
    assert findings() == []


@pytest.mark.parametrize(
    "content", [None, b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_without_a_usable_key_nothing_is_sealed_and_the_error_says_what_to_do(content, settings, tmp_path):
    settings.LEDGER_KEY_FILE = tmp_path / "other"
    if content is not None:
        settings.LEDGER_KEY_FILE.write_bytes(content)
    add("KC")
    with pytest.raises(DomainError) as refusal:
        seal()
    assert refusal.value.problems[0].code == "ledger-key-unusable"
    assert "LEDGER_KEY_FILE" in str(refusal.value)
    assert not Seal.objects.exists()


def test_after_a_change_of_keys_earlier_seals_still_verify(settings, tmp_path):
    add("KC")
    seal()
    (tmp_path / "key.public").rename(tmp_path / "2026.pub")
    settings.LEDGER_KEY_FILE = tmp_path / "new"
    write_key(tmp_path / "new")
    add("KD")
    seal()
    assert len(set(Seal.objects.values_list("key_id", flat=True))) == 2
    assert findings() == []
    (tmp_path / "2026.pub").unlink()
    assert [(finding.code, finding.seal) for finding in findings()] == [("seal-forged", 1)]


def test_a_verification_beside_writers_finds_nothing():
    failures: list[BaseException] = []
    until = time.monotonic() + 0.6
    threads = [threading.Thread(target=write, args=(n, until, failures)) for n in range(2)]
    threads.append(threading.Thread(target=keep_sealing, args=(until, failures)))
    for thread in threads:
        thread.start()
    found = []
    while time.monotonic() < until:
        found += findings()
    for thread in threads:
        thread.join()
    assert (failures, found) == ([], [])


def test_the_applications_role_can_seal():
    add("KC")
    with connected("app") as application:
        assert application.execute("SELECT has_table_privilege('lims_ledgerseal', 'INSERT')").fetchone() == (
            True,
        )
    assert seal()[0].number == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege), connected("app") as application:
        application.execute("UPDATE lims_ledgerseal SET number = 2")
