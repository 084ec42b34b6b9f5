"""Runs with their items and reviews: shape, not behaviour."""

from collections.abc import Mapping
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from assays.catalogue.models import Equipment, Method, ReferenceMaterial
from assays.runs.portion_models import Portion
from assays.runs.rules import (
    ITEM_LABELS,
    RUN_LABELS,
    RUN_TRANSITIONS,
    STAGE_LABELS,
    ItemKind,
    RunState,
    Stage,
    Verdict,
)
from lims.accounts.models import Organisation, User
from lims.ids import uuid7
from lims.recording import Recording
from samples.registry.models import Sample


class RunQuerySet(models.QuerySet["Run"]):
    """Runs, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the runs that the person's laboratory keeps, and those with samples of batches that they own."""
        if user.oversees:
            return self
        mine = [m.organisation_id for m in user.roles]
        owned = RunItem.objects.filter(sample__batch__owner__in=mine)
        return self.filter(Q(kept_by__in=mine) | Q(pk__in=owned.values("run")))


class Run(models.Model):
    """Samples and QC items analysed together in one laboratory: a job, by the laboratory's own number."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    laboratory = models.ForeignKey(Organisation, models.PROTECT, related_name="runs")
    #: the laboratory whose people enter and review it; another one when the analysis was subcontracted
    kept_by = models.ForeignKey(Organisation, models.PROTECT, related_name="kept_runs")
    number = models.CharField(max_length=60)
    state = models.CharField(
        max_length=10, choices=[(s.value, label) for s, label in RUN_LABELS.items()], default=RunState.OPEN
    )
    #: digest over the certificates that stand for it: what a review is bound to
    version = models.CharField(max_length=64, blank=True, default="")
    #: whoever brought the newest certificate: not the one to approve it
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    #: what a run that was built here is analysed by; null for a run that only a certificate brought
    method = models.ForeignKey(Method, models.PROTECT, null=True, related_name="runs")
    instrument = models.ForeignKey(Equipment, models.PROTECT, null=True, related_name="+")
    #: pulps of another laboratory's results, analysed again to compare the two
    umpire = models.BooleanField(default=False)
    due_on = models.DateField(null=True)
    built_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    #: why the QC placed is not what the rule asks for; empty where it is
    qc_reason = models.CharField(max_length=500, blank=True, default="")
    #: the run whose results this one is to replace
    rerun_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="reruns")

    objects = RunQuerySet.as_manager()
    transitions: ClassVar[Mapping[str, Mapping[RunState, frozenset[RunState]]]] = {"state": RUN_TRANSITIONS}

    class Meta:
        constraints = [
            models.UniqueConstraint("laboratory", "kept_by", Lower("number"), name="run_number_once"),
            models.CheckConstraint(name="run_state_known", condition=Q(state__in=list(RunState))),
            models.CheckConstraint(name="run_numbered", condition=~Q(number="")),
            models.CheckConstraint(
                name="run_planned_is_built",
                condition=~Q(state=RunState.PLANNED) | Q(method__isnull=False, built_by__isnull=False),
            ),
            models.CheckConstraint(
                name="run_reruns_another", condition=Q(rerun_of=None) | ~Q(rerun_of=F("id"))
            ),
            models.CheckConstraint(
                name="run_submitted_by_someone",
                condition=Q(state__in=[RunState.PLANNED, RunState.OPEN])
                | Q(submitted_by__isnull=False, submitted_at__isnull=False) & ~Q(version=""),
            ),
        ]
        indexes = [models.Index(fields=["kept_by", "-id"], name="run_by_keeper")]

    def __str__(self) -> str:
        return self.number


class RunItem(models.Model):
    """One thing analysed in a run: a sample, a duplicate of one, a reference material or a blank."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="items")
    #: how the certificate calls it, and the how manieth of that name it is
    label = models.CharField(max_length=100)
    occurrence = models.PositiveIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=[(k.value, label) for k, label in ITEM_LABELS.items()])
    sample = models.ForeignKey(Sample, models.PROTECT, null=True, related_name="run_items")
    material = models.ForeignKey(ReferenceMaterial, models.PROTECT, null=True, related_name="+")
    #: place in the rack; null where the order is not known, as with a laboratory's separate QC certificate
    position = models.PositiveIntegerField(null=True)
    #: what was weighed in for it, in a run that was built here
    portion = models.ForeignKey(Portion, models.PROTECT, null=True, related_name="run_items")
    #: where a duplicate was split off: field, coarse or pulp
    stage = models.CharField(
        max_length=6, choices=[(s.value, label) for s, label in STAGE_LABELS.items()], blank=True, default=""
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "label", "occurrence"], name="run_item_once"),
            models.CheckConstraint(
                name="run_item_is_one_thing",
                condition=Q(
                    kind__in=[ItemKind.SAMPLE, ItemKind.DUPLICATE], sample__isnull=False, material=None
                )
                | Q(kind__in=[ItemKind.CRM, ItemKind.BLANK], sample=None, material__isnull=False),
            ),
            models.CheckConstraint(
                name="run_item_stage_of_duplicate",
                condition=Q(stage="") | Q(stage__in=list(Stage), kind=ItemKind.DUPLICATE),
            ),
            models.CheckConstraint(
                name="run_item_portion_of_sample", condition=Q(portion=None) | Q(sample__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["sample", "run"], name="run_item_by_sample")]

    def __str__(self) -> str:
        return self.label


class Review(models.Model):
    """What a reviewer said of one version of a run's results: never their own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, models.PROTECT, related_name="reviews")
    version = models.CharField(max_length=64)
    verdict = models.CharField(max_length=10, choices=[(v.value, v.title()) for v in Verdict])
    reason = models.TextField(blank=True, default="")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(db_default=Now(), editable=False)
    #: SHA-256 over run, version, verdict, reviewer and reason: signed when the reviewer gave the password again
    signature = models.CharField(max_length=64, blank=True, default="")

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="review_not_ones_own",
                condition=~Q(reviewer=F("submitted_by")),
                violation_error_message="Nobody reviews their own results.",
            ),
            models.CheckConstraint(name="review_verdict_known", condition=Q(verdict__in=list(Verdict))),
            models.CheckConstraint(
                name="review_return_has_reason", condition=Q(verdict=Verdict.APPROVED) | ~Q(reason="")
            ),
        ]
        indexes = [models.Index(fields=["run", "-id"], name="review_by_run")]

    def __str__(self) -> str:
        return f"{self.run}: {self.verdict}"
