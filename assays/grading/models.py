"""Policies, what a batch is judged by, exclusions, decisions, radiological screens: shape, not behaviour."""

from collections.abc import Mapping
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from assays.catalogue.rules import BASIS_LABELS, Basis
from assays.grading.rules import (
    OUTCOME_LABELS,
    POLICY_TRANSITIONS,
    Outcome,
    PolicyState,
    RadLevel,
    Weighting,
    When,
)
from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind
from lims.ids import uuid7
from lims.recording import Recording
from samples.registry.models import Batch, Sample
from samples.registry.rules import MATERIAL_LABELS


def _owners(user: User) -> list[object]:
    """Return the ids of the sponsors for whom the person works: decisions are theirs, not a laboratory's."""
    return [m.organisation_id for m in user.roles if m.organisation.kind == OrganisationKind.SPONSOR]


class PolicyQuerySet(models.QuerySet["Policy"]):
    """Policies, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the policies of the person's own organisations; all for those who oversee."""
        return self if user.oversees else self.filter(owner__in=_owners(user))


class Policy(models.Model):
    """One version of a decision rule: criteria, basis, confidence, owner and date."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="policies")
    name = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    material_type = models.CharField(
        max_length=24, choices=[(m.value, label) for m, label in MATERIAL_LABELS.items()]
    )
    state = models.CharField(
        max_length=10, choices=[(s.value, s.title()) for s in PolicyState], default=PolicyState.DRAFT
    )
    basis = models.CharField(max_length=16, choices=[(b.value, label) for b, label in BASIS_LABELS.items()])
    #: as METHODS.md section 4 has them: analyte, metric, oxide, threshold_ppm or threshold_pct and of
    criteria = models.JSONField()
    alpha = models.DecimalField(max_digits=5, decimal_places=4)
    alpha_reject = models.DecimalField(max_digits=5, decimal_places=4)
    weighting = models.CharField(
        max_length=5, choices=[(w.value, w.value) for w in Weighting], default=Weighting.EQUAL
    )
    #: between-site CV of earlier batches of the deposit, with its degrees of freedom and evidence
    prior_relative = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    prior_df = models.PositiveIntegerField(null=True)
    #: what the spread of earlier batches says, by deposit: see `uncertainty.adopted_prior`
    priors = models.JSONField(default=list)
    #: b by method and analyte with what it is made of, from reference materials: see `uncertainty.adopted_b`
    biases = models.JSONField(default=list)
    repeatability = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    rationale = models.TextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    in_force_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    objects = PolicyQuerySet.as_manager()
    transitions: ClassVar[Mapping[str, Mapping[PolicyState, frozenset[PolicyState]]]] = {
        "state": POLICY_TRANSITIONS
    }

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), "version", name="policy_version_once"),
            models.UniqueConstraint(
                fields=["owner", "material_type"],
                condition=Q(state=PolicyState.IN_FORCE),
                name="policy_in_force_once",
                violation_error_message="Another policy is in force for this material type.",
            ),
            models.CheckConstraint(
                name="policy_words_known",
                condition=Q(state__in=list(PolicyState))
                & Q(basis__in=list(Basis))
                & Q(weighting__in=list(Weighting)),
            ),
            models.CheckConstraint(name="policy_reasoned", condition=~Q(name="") & ~Q(rationale="")),
            models.CheckConstraint(
                name="policy_confidence_sensible",
                condition=Q(alpha__gt=0, alpha__lt=0.5, alpha_reject__gt=0, alpha_reject__lt=0.5),
            ),
            models.CheckConstraint(
                name="policy_prior_whole",
                condition=Q(prior_relative=None, prior_df=None)
                | Q(
                    prior_relative__isnull=False, prior_relative__gt=0, prior_df__isnull=False, prior_df__gt=0
                ),
            ),
            models.CheckConstraint(
                name="policy_dates_fit_state",
                condition=Q(state=PolicyState.DRAFT, in_force_at=None, retired_at=None)
                | Q(state=PolicyState.IN_FORCE, in_force_at__isnull=False, retired_at=None)
                | Q(state=PolicyState.RETIRED, in_force_at__isnull=False, retired_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class PinnedPolicy(models.Model):
    """The policy that a batch is judged by: agreed before receipt and pinned then, or agreed to later with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="pinned_policies")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="pins")
    #: true for the one pinned by the first receipt; a policy that came later stays marked as such
    at_receipt = models.BooleanField()
    #: empty when pinned at receipt; otherwise why the owner agreed to another one later
    reason = models.TextField(blank=True, default="")
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    pinned_at = models.DateTimeField(db_default=Now(), editable=False)

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch"], condition=Q(at_receipt=True), name="policy_pinned_once_at_receipt"
            ),
            models.CheckConstraint(
                name="policy_later_with_reason",
                condition=Q(at_receipt=True) | ~Q(reason="") & Q(agreed_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["batch", "-id"], name="pinned_by_batch")]

    def __str__(self) -> str:
        return f"{self.batch}: {self.policy}"


class Exclusion(models.Model):
    """A sample left out of a batch's decision, with its reason; after results were visible it takes a second person."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sample = models.OneToOneField(Sample, models.PROTECT, related_name="exclusion")
    when = models.CharField(max_length=6, choices=[(w.value, w.value) for w in When])
    reason = models.TextField()
    excluded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    excluded_at = models.DateTimeField(db_default=Now(), editable=False)
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="exclusion_reason_given", condition=~Q(reason="")),
            models.CheckConstraint(name="exclusion_when_known", condition=Q(when__in=list(When))),
            models.CheckConstraint(
                name="exclusion_second_person",
                condition=Q(second_by=None, second_at=None)
                | Q(second_by__isnull=False, second_at__isnull=False) & ~Q(second_by=F("excluded_by")),
                violation_error_message="A second person agrees, not the one who left it out.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sample}: {self.reason}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Decisions, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the decisions on batches of the person's own organisations; all for those who oversee."""
        return self if user.oversees else self.filter(batch__owner__in=_owners(user))


class Decision(models.Model):
    """One immutable evaluation of a batch under one policy, with all that it used."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="decisions")
    number = models.PositiveIntegerField()
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="decisions")
    outcome = models.CharField(
        max_length=12, choices=[(o.value, label) for o, label in OUTCOME_LABELS.items()]
    )
    provisional = models.BooleanField()
    retrospective = models.BooleanField()
    sentence = models.TextField()
    criteria = models.JSONField()
    warnings = models.JSONField(default=list)
    #: the case as `grade_preview` takes it: evaluating it again gives this decision
    case = models.JSONField()
    #: what the case was made from: determinations and certificates with versions, QC, exclusions, incidents
    sources = models.JSONField()
    factors_version = models.CharField(max_length=40)
    code_version = models.CharField(max_length=40)
    #: SHA-256 over policy, case, sources and versions: equal to the latest one's means nothing changed
    digest = models.CharField(max_length=64)
    decided_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = DecisionQuerySet.as_manager()
    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="decision_number_once"),
            models.CheckConstraint(name="decision_outcome_known", condition=Q(outcome__in=list(Outcome))),
        ]
        indexes = [models.Index(fields=["-decided_at", "-id"], name="decision_newest")]

    def __str__(self) -> str:
        return f"{self.batch} no. {self.number}: {self.get_outcome_display()}"


class RadiologicalScreen(models.Model):
    """What Th and U say of a sample, independent of grade; the newest counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="radiological_screens")
    level = models.CharField(max_length=20, choices=[(r.value, r.value) for r in RadLevel])
    #: fraction of 1 Bq/g, natural chains (METHODS.md section 5); null when not assessed
    fraction = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    sentence = models.CharField(max_length=300)
    determinations = models.JSONField(default=list)
    screened_at = models.DateTimeField(db_default=Now(), editable=False)

    recording: ClassVar[Recording] = Recording(append_only=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="screen_level_known", condition=Q(level__in=list(RadLevel)))
        ]
        indexes = [models.Index(fields=["sample", "-id"], name="screen_by_sample")]

    def __str__(self) -> str:
        return f"{self.sample}: {self.level}"
