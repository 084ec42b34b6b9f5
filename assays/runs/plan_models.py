"""How much QC a laboratory places in its runs: shape, not behaviour."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from assays.catalogue.models import Method
from lims.accounts.models import Organisation
from lims.ids import uuid7
from lims.recording import Recording

RATES = ("crm_pct", "blank_pct", "field_pct", "coarse_pct", "pulp_pct", "umpire_pct")


def rate() -> Any:
    """Return a column for a share of the routine samples, in per cent."""
    return models.DecimalField(max_digits=5, decimal_places=2)


class InsertionRule(models.Model):
    """One version of the QC that a laboratory places, as shares of the routine samples; the newest version counts.

    A rule without a method is the laboratory's for all methods that have none of their own (METHODS.md section 3).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    laboratory = models.ForeignKey(Organisation, models.PROTECT, related_name="insertion_rules")
    method = models.ForeignKey(Method, models.PROTECT, null=True, related_name="insertion_rules")
    version = models.PositiveIntegerField()
    crm_pct = rate()
    blank_pct = rate()
    field_pct = rate()
    coarse_pct = rate()
    pulp_pct = rate()
    umpire_pct = rate()
    rationale = models.CharField(max_length=500)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "method", "version"],
                name="insertion_rule_version_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="insertion_rule_reason_given", condition=~Q(rationale="")),
            models.CheckConstraint(
                name="insertion_rule_shares",
                condition=Q(**{f"{name}__range": (0, 100) for name in RATES}),
                violation_error_message="A share lies between 0 and 100 %.",
            ),
        ]

    def __str__(self) -> str:
        return f"QC rule of {self.laboratory}, version {self.version}"
