"""Reference data since a cursor: the record knows what changed since then, so only that is looked at again.

A cursor is the era of the database, the oldest transaction that was running when it was made (whatever committed later
is at or after it), when that was, and what the person might see then; another era or other roles mean everything anew.
"""

import hashlib
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection

from lims.accounts.models import Membership, User
from lims.ledger.models import Entry, Era
from samples.custody.models import Consignment, ConsignmentItem
from samples.field import reference
from samples.field.reference_words import mine_of
from samples.registry.models import SamplingPlan, Tag

#: so long a device that sends operations is not told what changed meanwhile
FRESH_S: Final = 60
#: beyond this it is cheaper to send everything
_MOST_ENTRIES: Final = 5_000
_CURSOR: Final = re.compile(r"1\.(\d{1,18})\.(\d{1,18})\.(\d{1,12})\.([0-9a-f]{16})")

#: table → (kind, column that names the thing; "" for the row itself)
_TABLES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "samples_mine": (("mines", ""),),
    "samples_batch": (("batches", ""),),
    "samples_samplingplan": (("batches", "batch_id"),),
    "samples_plannedsite": (("plans", "plan_id"),),
    "samples_tagblock": (("tag_blocks", ""),),
    "samples_tag": (("tag_blocks", "block_id"),),
    "samples_sample": (("samples", ""), ("batches", "batch_id"), ("tags", "tag_id")),
    "samples_seal": (("samples", "sample_id"), ("items", "sample_id")),
    "samples_consignment": (("consignments", ""),),
    "samples_consignmentitem": (("consignments", "consignment_id"),),
    "samples_consignmentleg": (("consignments", "consignment_id"),),
    "samples_route": (("routes", ""),),
    "samples_routeleg": (("routes", "route_id"),),
    "samples_scale": (("scales", ""),),
    "samples_scalecheck": (("scales", "scale_id"),),
    "samples_document": (("documents", ""),),
    "samples_incident": (("incidents", ""),),
    "lims_organisation": (("organisations", ""),),
    "lims_user": (("contacts", ""),),
}
#: a change of these may change what a person may see at all
_SIGHT: Final = ("samples_batchparty", "lims_membership")


@dataclass(frozen=True, slots=True)
class Changes:
    """What a device is told: by kind, whether it is everything, and the cursor to come back with."""

    cursor: str
    full: bool
    kinds: Mapping[str, list[dict[str, Any]]]


def changes_since(user: User, cursor: str, *, busy: bool = False) -> Changes:
    """Return what changed for a person since `cursor`, everything without one that still counts.

    While a device is `busy` sending, nothing is looked up for a minute: its cursor stays as it is.
    """
    found = _CURSOR.fullmatch(cursor)
    access = access_of(user)
    if found and busy and found[4] == access and 0 <= time.time() - int(found[3]) < FRESH_S:
        return Changes(cursor, full=False, kinds={})
    era, xmin = _now()
    here = f"1.{era}.{xmin}.{int(time.time())}.{access}"
    ids = _changed(user, era, int(found[2])) if found and (int(found[1]), found[4]) == (era, access) else None
    if ids is None:
        return Changes(here, full=True, kinds=reference.whole(user))
    return Changes(here, full=False, kinds=reference.some(user, ids))


def access_of(user: User) -> str:
    """Return what stands for a person's roles: another text means that they may see something else."""
    roles = sorted(f"{m.organisation_id}:{m.role}" for m in user.roles)
    return hashlib.sha256("\n".join([str(user.pk), *roles]).encode()).hexdigest()[:16]


def _now() -> tuple[int, int]:
    """Return the era, and the oldest transaction that still runs: all that is older can be seen already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        xmin = int(cursor.fetchone()[0])
    newest = Era.objects.order_by("-id").values_list("id", flat=True).first()
    return newest or 0, xmin


def _changed(user: User, era: int, xmin: int) -> dict[str, set[str]] | None:
    """Return kind → ids that changed since; None when everything shall be sent."""
    rows = Entry.objects.filter(era=era, xid__gte=xmin, table_name__in=[*_TABLES, *_SIGHT])
    entries = list(rows.values("table_name", "row_key", "op", "before", "after")[: _MOST_ENTRIES + 1])
    if len(entries) > _MOST_ENTRIES:
        return None
    mine = {str(pk) for pk in mine_of(user)}
    named: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        row = entry["after"] or entry["before"] or {}
        if entry["table_name"] in _SIGHT:
            if entry["table_name"] == "samples_batchparty" and row.get("organisation_id") not in mine:
                continue
            return None
        if _closed(entry):
            return None
        for kind, column in _TABLES[entry["table_name"]]:
            key = row.get(column) if column else entry["row_key"]
            if key:
                named[kind].add(str(key))
    return _resolved(named)


def _closed(entry: Mapping[str, Any]) -> bool:
    """Return whether a batch was closed or opened again: all its bags come or go."""
    if entry["table_name"] != "samples_batch" or entry["op"] != "U":
        return False
    return bool((entry["before"] or {}).get("state") != (entry["after"] or {}).get("state"))


def _resolved(named: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the same by kinds of reference data alone: what a plan, a tag or a bag belongs to is looked up."""
    plans, tags, items = (named.pop(name, set()) for name in ("plans", "tags", "items"))
    if plans:
        named["batches"] |= _texts(SamplingPlan.objects.filter(pk__in=plans).values_list("batch", flat=True))
    if tags:
        blocks = Tag.objects.filter(pk__in=tags, block__isnull=False).values_list("block", flat=True)
        named["tag_blocks"] |= _texts(blocks)
    if items:
        rows = ConsignmentItem.objects.filter(sample__in=items).values_list("consignment", flat=True)
        named["consignments"] |= _texts(rows)
    if named["consignments"]:
        # Whoever carries a consignment is met with it: to one of these it is handed on.
        carriers = Consignment.objects.filter(pk__in=named["consignments"]).values("carrier")
        people = Membership.objects.filter(organisation__in=carriers).values_list("user", flat=True)
        named["contacts"] |= _texts(people)
    return {kind: ids for kind, ids in named.items() if ids}


def _texts(ids: Iterable[UUID]) -> set[str]:
    return {str(pk) for pk in ids}
