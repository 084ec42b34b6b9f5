"""Sealing and the results of verification: the only writes that the application makes to the record's tables."""

from typing import Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from lims.errors import conflict
from lims.ledger import keys, witness
from lims.ledger.models import Era, Seal, Verification
from lims.ledger.rules import GENESIS, SEAL_SIZE, VERIFY, Link, Report, merkle_root, split
from lims.ledger.sql import ENTRY_DIGEST, HERE, canonical
from lims.permits import permit
from lims.verbs import Actor, verb
from lims.work.services import request

#: the key of the advisory lock under which seals are made
_LOCK: Final = 7_146_253_001
#: findings that are kept with a verification; the command shows all of them
_KEPT_FINDINGS: Final = 100

# The entry after a full seal, if there is one: the seal ends before that entry's transaction.
_NEXT_AFTER_FULL = (
    "SELECT e.xid::text FROM public.lims_ledgerentry AS e WHERE e.era_id = %s AND e.xid >= %s::text::xid8"
    " AND e.xid < %s::text::xid8 ORDER BY e.xid, e.id OFFSET %s LIMIT 1"
)
_CONTENT = (
    "SELECT count(*), string_agg(int8send(e.id), ''::bytea ORDER BY e.xid, e.id),"  # noqa: S608  # our own constants
    f" string_agg({ENTRY_DIGEST}, ''::bytea ORDER BY e.xid, e.id)"
    " FROM public.lims_ledgerentry AS e WHERE e.era_id = %s AND e.xid >= %s::text::xid8 AND e.xid < %s::text::xid8"
)


@verb
def seal(*, actor: Actor) -> list[Seal]:
    """Seal every entry that no running transaction can still precede, and return the new seals.

    Transactions commit out of order, so sealing stays behind the oldest that still runs. The witness file gets the
    seals after the commit, and those that it lacks from before. While another process seals, nothing is done.
    Raises `Invalid` ("ledger-key-unusable"), `Conflict` ("seal-broken") when the last seal is not ours.
    """
    permit(actor, "work.operate")
    key = keys.signing_key()
    with connection.cursor() as cursor:
        # In READ COMMITTED every statement sees afresh: what comes after this one sees what the last holder did.
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchall()[0][0]:
            return []
        # First the horizon, then the entries: whatever is below it is over, and visible to every later statement.
        cursor.execute(f"SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, {HERE}")
        horizon, here = cursor.fetchall()[0]
        last = Seal.objects.order_by("-number").defer("entry_ids", "digests").first()
        if last and not keys.signed_by(
            keys.public_keys(), last.key_id, bytes(last.signature), bytes(last.chain)
        ):
            raise conflict(
                "seal-broken",
                f"Seal {last.number} is not signed with a key of ours.",
                "Nothing is chained to it; run verify_ledger.",
            )
        made: list[Seal] = []
        for era in Era.objects.order_by("id"):
            end = horizon if era.marker == here else _end_of(cursor, era)
            made += _seal_era(cursor, key, era, end, made[-1] if made else last)
    # A witness that cannot be written is logged, and caught up with next time; the seals stand.
    transaction.on_commit(witness.catch_up, robust=True)
    return made


def _end_of(cursor: CursorWrapper, era: Era) -> int:
    """Return where a past era ends: nobody writes to it any more."""
    cursor.execute(
        "SELECT xid::text::bigint + 1 FROM public.lims_ledgerentry WHERE era_id = %s ORDER BY xid DESC LIMIT 1",
        [era.pk],
    )
    return int(next(iter(cursor.fetchall()), [0])[0])


def _seal_era(
    cursor: CursorWrapper, key: keys.SigningKey, era: Era, end: int, last: Seal | None
) -> list[Seal]:
    newest = Seal.objects.filter(era=era).order_by("-number").only("hi").first()
    lo = newest.hi if newest else 0
    made: list[Seal] = []
    while lo < end:
        cursor.execute(_NEXT_AFTER_FULL, [era.pk, lo, end, SEAL_SIZE])
        following = cursor.fetchall()
        hi = int(following[0][0]) if following else end
        with canonical(cursor):
            cursor.execute(_CONTENT, [era.pk, lo, hi])
            count, ids, digests = cursor.fetchall()[0]
            if following and not count:
                # One transaction alone is larger than a seal: it is sealed whole.
                hi += 1
                cursor.execute(_CONTENT, [era.pk, lo, hi])
                count, ids, digests = cursor.fetchall()[0]
        if count:
            last = _chained(key, era, (lo, hi), (count, ids, digests), last)
            made.append(last)
        lo = hi
    return made


def _chained(
    key: keys.SigningKey,
    era: Era,
    span: tuple[int, int],
    content: tuple[int, bytes, bytes],
    last: Seal | None,
) -> Seal:
    count, ids, digests = content
    link = Link(
        number=last.number + 1 if last else 1,
        era=era.pk,
        marker=era.marker,
        lo=span[0],
        hi=span[1],
        count=count,
        root=merkle_root(split(bytes(digests))),
        at=timezone.now(),
    )
    previous = bytes(last.chain) if last else GENESIS
    chain = link.chain(previous)
    return Seal.objects.create(
        number=link.number,
        era=era,
        lo=link.lo,
        hi=link.hi,
        count=count,
        entry_ids=ids,
        digests=digests,
        root=link.root,
        previous=previous,
        chain=chain,
        at=link.at,
        key_id=key.id,
        signature=key.sign(chain),
    )


@verb
def request_verification(*, actor: Actor) -> None:
    """Have the whole record verified now, by a worker. Raises `NotPermitted`."""
    permit(actor, "work.operate")
    request(VERIFY, key="all")


@verb
def keep_verification(*, actor: Actor, report: Report) -> Verification:
    """Keep what a verification found, so that the page of the record can say so."""
    permit(actor, "work.operate")
    return Verification.objects.create(
        actor=actor.actor_key,
        took_s=report.took_s,
        entries=report.entries,
        seals=report.seals,
        rows=report.rows,
        findings=[finding.as_dict() for finding in report.findings[:_KEPT_FINDINGS]],
    )
