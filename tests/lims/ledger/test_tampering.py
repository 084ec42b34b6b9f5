"""Every tampering is found, and the first finding names what was tampered with."""

import json
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import connection

from lims.accounts.models import Organisation
from lims.errors import Conflict
from lims.ledger import attach, keys
from lims.ledger.models import Entry, Era, Seal
from lims.ledger.rules import GENESIS, Link, merkle_root, split
from lims.ledger.verify import verify
from lims.ledger.verify_machinery import right_findings
from tests.lims.ledger.conftest import add, connected, findings, remove, rename, seal, write_key
from tests.lims.ledger.tamperings import SEAL_COLUMNS, TAMPERINGS, Tampering, quietly

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def laid() -> dict[str, str]:
    """Lay the record that the tamperings know: three seals over seven entries; return code → row key."""
    kc, kd, ke = add("KC", "KD", "KE")
    seal()
    rename(kc, "Kachin Clay")
    rename(kd, "Kachin Dust")
    seal()
    remove(ke)
    (kf,) = add("KF")
    seal()
    # The tamperings name entries by these numbers: with others they would miss.
    assert list(Entry.objects.order_by("id").values_list("id", flat=True)) == [1, 2, 3, 4, 5, 6, 7]
    return {company.code: str(company.pk) for company in (kc, kd, ke, kf)}


def test_nothing_is_found_in_a_record_that_nobody_touched(laid):
    report = verify()
    assert (report.findings, report.ok) == ((), True)
    assert (report.entries, report.seals, report.eras, report.rows) == (7, 3, 1, 3)
    assert list(Seal.objects.order_by("number").values_list("count", flat=True)) == [3, 2, 2]


def test_there_are_more_than_thirty_tamperings_each_with_its_own_name():
    names = [tampering.name for tampering in TAMPERINGS]
    assert len(set(names)) == len(names) > 30


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.name.replace(" ", "-"))
def test_a_tampering_is_found_and_named(tampering: Tampering, laid):
    with connected(tampering.role) as somebody:
        for statement in tampering.statements:
            somebody.execute(statement)
    try:
        first = findings()[0]
    finally:
        with connected("super" if tampering.role == "super" else "owner") as somebody:
            for statement in tampering.undo:
                somebody.execute(statement)
        attach.attach()
    expected = {
        name: value.format(**laid) if isinstance(value, str) and value.startswith("{K") else value
        for name, value in tampering.names.items()
    }
    assert first.code == tampering.code, first
    assert {name: getattr(first, name) for name in expected} == expected


@pytest.fixture
def probe():
    """A role of this test alone: roles belong to the cluster, where other tests run with the application's."""
    name = f"lims_probe_{connection.settings_dict['NAME']}"
    with connected("super") as superuser:
        superuser.execute(f"DROP ROLE IF EXISTS {name}")
        superuser.execute(f"CREATE ROLE {name}")
        yield superuser, name
        superuser.execute(f"DROP OWNED BY {name}")
        superuser.execute(f"DROP ROLE {name}")


@pytest.mark.parametrize(
    ("statement", "power"),
    [
        ("ALTER ROLE {} SUPERUSER", "is a superuser"),
        ("ALTER ROLE {} BYPASSRLS", "bypasses row security"),
        ("ALTER ROLE {} REPLICATION", "may replicate"),
        ("GRANT CREATE ON SCHEMA public TO {}", "may create in our schema"),
        ("GRANT lims_owner TO {}", "owns tables"),
        ("GRANT SET ON PARAMETER session_replication_role TO {}", "may switch triggers off for a session"),
    ],
)
def test_powers_of_the_applications_role_are_found(statement, power, probe):
    superuser, role = probe
    if "PARAMETER" in statement and superuser.info.server_version < 150_000:
        return  # that right came with PostgreSQL 15
    with connection.cursor() as cursor:

        def powers() -> list[str]:
            found = right_findings(cursor, [], role)
            return [finding.message for finding in found if finding.code == "role-powers"]

        assert powers() == []
        superuser.execute(statement.format(role))
        assert f"The role {role} {power}." in powers()


def rebuild(key: keys.SigningKey) -> None:
    """Build the whole chain anew over what the entries are now, signed with `key`: what an owner could do."""
    previous = GENESIS
    with connected("owner") as owner:
        for statement in quietly("lims_ledgerseal")[:1]:
            owner.execute(statement)
        owner.execute("SET TimeZone = 'UTC'")
        for old in Seal.objects.order_by("number"):
            span = [old.era_id, str(old.lo), str(old.hi)]
            digests = owner.execute(
                "SELECT string_agg(sha256(convert_to(jsonb_build_array('lims-entry-1', e.id, e.era_id, e.xid::text, e.at,"
                " e.actor, e.request_id, e.verb, e.db_role, e.table_name, e.row_key, e.op, e.before, e.after)::text,"
                " 'UTF8')), ''::bytea ORDER BY xid, id) FROM lims_ledgerentry AS e"
                " WHERE era_id = %s AND xid >= %s::xid8 AND xid < %s::xid8",
                span,
            ).fetchone()[0]
            root = merkle_root(split(bytes(digests)))
            link = Link(
                old.number, old.era_id, Era.objects.get().marker, old.lo, old.hi, old.count, root, old.at
            )
            chain = link.chain(previous)
            owner.execute(
                "UPDATE lims_ledgerseal SET digests = %s, root = %s, previous = %s, chain = %s, key_id = %s,"
                " signature = %s WHERE number = %s",
                [digests, root, previous, chain, key.id, key.sign(chain), old.number],
            )
            previous = chain
        owner.execute(quietly("lims_ledgerseal")[-1])


def tamper_and_rebuild(key: keys.SigningKey) -> None:
    with connected("owner") as owner:
        for statement in quietly(
            "lims_ledgerentry", "UPDATE lims_ledgerentry SET actor = 'user:somebody' WHERE id = 4"
        ):
            owner.execute(statement)
    rebuild(key)


def test_a_chain_rebuilt_just_as_it_was_is_the_same_chain(laid):
    rebuild(keys.signing_key())
    assert findings() == []


def test_a_chain_rebuilt_with_another_key_is_found(laid, tmp_path):
    other = write_key(tmp_path / "other")
    tamper_and_rebuild(keys.SigningKey(other, keys.key_id(other.public_key())))
    first = findings()[0]
    assert (first.code, first.seal) == ("seal-forged", 1)


def test_a_chain_rebuilt_with_another_key_under_our_keys_name_is_found(laid, tmp_path):
    tamper_and_rebuild(keys.SigningKey(write_key(tmp_path / "other"), keys.signing_key().id))
    first = findings()[0]
    assert (first.code, first.seal) == ("seal-forged", 1)


def test_a_chain_rebuilt_with_our_own_key_is_found_by_the_witness(laid):
    tamper_and_rebuild(keys.signing_key())
    first = findings()[0]
    assert (first.code, first.seal) == ("seal-not-witnessed", 2)


def test_a_chain_rebuilt_and_witnessed_anew_is_found_by_a_kept_copy_of_the_witness(laid):
    path = Path(configured.LEDGER_WITNESS_FILE)
    kept = path.read_bytes()
    tamper_and_rebuild(keys.signing_key())
    path.unlink()
    seal()
    assert findings() == []
    path.write_bytes(kept)
    assert findings()[0].code == "seal-not-witnessed"


def test_a_missing_witness_is_found(laid):
    Path(configured.LEDGER_WITNESS_FILE).unlink()
    assert [(finding.code, finding.seal) for finding in findings()] == [("witness-behind", 1)]


def test_an_altered_line_of_the_witness_is_found(laid):
    path = Path(configured.LEDGER_WITNESS_FILE)
    lines = path.read_text().splitlines()
    lines[1] = json.dumps(json.loads(lines[1]) | {"chain": "00" * 32})
    path.write_text("\n".join(lines) + "\n")
    assert [(finding.code, finding.seal) for finding in findings()] == [("seal-not-witnessed", 2)]


def test_nothing_is_sealed_onto_a_forged_seal(laid):
    with connected("app") as application:
        application.execute(
            f"INSERT INTO lims_ledgerseal ({SEAL_COLUMNS}) SELECT 4, era_id, hi, hi, 0, '', '', sha256(''), chain, sha256('x'), now(),"
            " 'nobody', signature FROM lims_ledgerseal WHERE number = 3"
        )
    add("KG")
    with pytest.raises(Conflict) as refusal:
        seal()
    assert refusal.value.problems[0].code == "seal-broken"
    assert Seal.objects.count() == 4


def test_all_altered_rows_are_named(laid):
    with connected("owner") as owner:
        for statement in quietly("lims_organisation", "UPDATE lims_organisation SET name = name || '!'"):
            owner.execute(statement)
    found = findings()
    assert {finding.row_key for finding in found} == {
        str(company.pk) for company in Organisation.objects.all()
    }
    assert {(finding.code, finding.columns) for finding in found} == {("row-altered", ("name",))}


def test_a_later_migration_does_not_heal_a_row_that_was_altered(laid):
    attach.attach()
    with connected("owner") as owner:
        for statement in quietly(
            "lims_organisation", "UPDATE lims_organisation SET name = 'Other' WHERE code = 'KC'"
        ):
            owner.execute(statement)
        owner.execute("ALTER TABLE lims_organisation ADD extra int DEFAULT 7")
        attach.attach()
        found = findings()
        owner.execute("ALTER TABLE lims_organisation DROP extra")
    attach.attach()
    assert [(finding.row_key, finding.columns) for finding in found] == [(laid["KC"], ("name",))]
    assert Entry.objects.filter(op="M").exists()


def test_a_secret_column_that_is_gone_is_a_finding_and_no_error(laid, person):
    user = person("manager", "irel")
    with connected("owner") as owner:
        owner.execute("ALTER TABLE lims_user RENAME password TO passphrase")
        try:
            found = findings()
        finally:
            owner.execute("ALTER TABLE lims_user RENAME passphrase TO password")
    assert [(finding.row_key, finding.columns) for finding in found] == [
        (str(user.pk), ("passphrase", "password"))
    ]
