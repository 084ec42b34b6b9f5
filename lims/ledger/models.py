"""The record's own tables. The database's triggers write entries; only the sealer adds seals."""

import json
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from lims.ledger.rules import Op
from lims.recording import Recording

if TYPE_CHECKING:
    # Django's fields are generic for the type checker only.
    _IntegerField = models.Field[int, int]
else:
    _IntegerField = models.Field

#: why the record does not record itself
ITSELF = Recording(not_recorded="the record itself: sealed, signed and witnessed instead", append_only=True)

#: JSON numbers as Decimal, with all their digits
ExactDecoder = partial(json.JSONDecoder, parse_float=Decimal)


class XidField(_IntegerField):
    """A 64-bit transaction id (`xid8`): it never wraps, and grows through one era."""

    description = "Transaction id"

    def db_type(self, connection: Any) -> str:  # Django's signature
        return "xid8"

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> str | None:
        # PostgreSQL casts nothing to xid8 except text.
        return None if value is None else str(int(value))


class Era(models.Model):
    """One life of the database: a restore starts a new one, because transaction ids start again."""

    id = models.BigAutoField(primary_key=True)
    marker = models.TextField(unique=True)
    started_at = models.DateTimeField(db_default=Now())

    recording: ClassVar[Recording] = ITSELF

    class Meta:
        db_table = "lims_ledgerera"

    def __str__(self) -> str:
        return f"era {self.pk}"


class Entry(models.Model):
    """One changed row: who changed it in which act, and what it was before and after."""

    id = models.BigAutoField(primary_key=True)
    # The trigger fills it in; a foreign key would cost a check for every entry.
    era = models.ForeignKey(
        Era, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="entries"
    )
    xid = XidField()
    at = models.DateTimeField()
    actor = models.TextField()
    request_id = models.TextField(blank=True)
    verb = models.TextField(blank=True)
    db_role = models.TextField()
    table_name = models.TextField()
    row_key = models.TextField()
    op = models.CharField(max_length=1, choices=[(op.value, op.label) for op in Op])
    before = models.JSONField(null=True, decoder=ExactDecoder)  # type: ignore[arg-type]  # any maker of decoders does
    after = models.JSONField(null=True, decoder=ExactDecoder)  # type: ignore[arg-type]  # any maker of decoders does

    recording: ClassVar[Recording] = ITSELF

    class Meta:
        db_table = "lims_ledgerentry"
        indexes = [
            models.Index(fields=["table_name", "row_key", "id"], name="entry_by_row"),
            models.Index(fields=["actor", "id"], name="entry_by_actor"),
            models.Index(fields=["era", "xid", "id"], name="entry_by_sealing_order"),
            BrinIndex(fields=["at"], name="entry_by_time"),
        ]
        constraints = [
            models.CheckConstraint(name="entry_op_known", condition=models.Q(op__in=list(Op))),
            models.CheckConstraint(name="entry_actor_given", condition=~models.Q(actor="")),
            models.CheckConstraint(
                name="entry_images_fit_op",
                condition=models.Q(op=Op.INSERTED, before__isnull=True, after__isnull=False)
                | models.Q(op=Op.UPDATED, before__isnull=False, after__isnull=False)
                | models.Q(op=Op.DELETED, before__isnull=False, after__isnull=True)
                | models.Q(op=Op.MIGRATED, after__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"entry {self.pk}: {self.op} {self.table_name} {self.row_key}"


class Seal(models.Model):
    """One link of the chain: the entries of `era` with `lo` <= xid < `hi`, in order (xid, id)."""

    number = models.BigIntegerField(primary_key=True)
    era = models.ForeignKey(Era, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="seals")
    lo = XidField()
    hi = XidField()
    count = models.IntegerField()
    entry_ids = models.BinaryField()
    digests = models.BinaryField()
    root = models.BinaryField()
    previous = models.BinaryField()
    chain = models.BinaryField()
    at = models.DateTimeField()
    key_id = models.TextField()
    signature = models.BinaryField()

    recording: ClassVar[Recording] = ITSELF

    class Meta:
        db_table = "lims_ledgerseal"
        constraints = [models.UniqueConstraint(fields=["era", "lo"], name="seal_range_once")]

    def __str__(self) -> str:
        return f"seal {self.pk}"


class Shape(models.Model):
    """The columns that a table had when triggers were last attached, so that a migration's changes are known."""

    table_name = models.TextField(primary_key=True)
    columns = models.JSONField()

    recording: ClassVar[Recording] = ITSELF

    class Meta:
        db_table = "lims_ledgershape"

    def __str__(self) -> str:
        return self.table_name


class Verification(models.Model):
    """What one check of the whole record found."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    actor = models.TextField()
    took_s = models.FloatField()
    entries = models.BigIntegerField()
    seals = models.BigIntegerField()
    rows = models.BigIntegerField()
    findings = models.JSONField()

    recording: ClassVar[Recording] = ITSELF

    class Meta:
        db_table = "lims_ledgerverification"
        get_latest_by = "id"

    def __str__(self) -> str:
        return f"verification {self.pk}"
