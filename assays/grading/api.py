"""Policies, exclusions and decisions over the API."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from assays.grading import queries, services
from assays.grading.models import Decision, Exclusion, Policy
from assays.grading.preview_api import GradePreview
from assays.grading.rules import Outcome, PolicyState, Weighting
from assays.grading.uncertainty_api import Uncertainty
from lims.accounts.authentication import person
from lims.accounts.models import Organisation
from lims.api.serializers import StrictSerializer
from lims.errors import NotFound, Place, Problem
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.queries import batch_for, sample_for
from samples.registry.rules import MaterialType


class PolicySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    owner_id = serializers.UUIDField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    material_type = serializers.CharField()
    state = serializers.CharField()
    basis = serializers.CharField()
    criteria = serializers.JSONField()
    alpha = serializers.DecimalField(5, 4)
    alpha_reject = serializers.DecimalField(5, 4)
    weighting = serializers.CharField()
    prior_relative = serializers.DecimalField(6, 4, allow_null=True)
    prior_df = serializers.IntegerField(allow_null=True)
    repeatability = serializers.DecimalField(6, 4, allow_null=True)
    priors = serializers.JSONField(help_text="Spread of earlier batches that it has adopted, by mine.")
    biases = serializers.JSONField(help_text="b of methods that it has adopted, by method and analyte.")
    rationale = serializers.CharField()
    in_force_at = serializers.DateTimeField(allow_null=True)
    retired_at = serializers.DateTimeField(allow_null=True)


class CriterionSerializer(StrictSerializer):
    analyte = serializers.CharField(max_length=8)
    metric = serializers.ChoiceField(["grade", "share"])
    oxide = serializers.CharField(max_length=8)
    of = serializers.CharField(required=False, max_length=8)
    threshold_ppm = serializers.FloatField(required=False, min_value=0, max_value=1_000_000)
    threshold_pct = serializers.FloatField(required=False, min_value=0, max_value=100)


class NewPolicy(StrictSerializer):
    owner = serializers.UUIDField()
    name = serializers.CharField()
    material_type = serializers.ChoiceField(list(MaterialType))
    basis = serializers.CharField()
    criteria = CriterionSerializer(many=True, allow_empty=False)
    rationale = serializers.CharField()
    alpha = serializers.DecimalField(5, 4, required=False)
    alpha_reject = serializers.DecimalField(5, 4, required=False)
    weighting = serializers.ChoiceField(list(Weighting), required=False)
    prior_relative = serializers.DecimalField(6, 4, required=False)
    prior_df = serializers.IntegerField(required=False, min_value=1, max_value=10_000)
    repeatability = serializers.DecimalField(6, 4, required=False, min_value=0, max_value=1)


class NewAgreement(StrictSerializer):
    batch = serializers.UUIDField()
    reason = serializers.CharField()


class PinnedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    batch_id = serializers.UUIDField()
    policy_id = serializers.UUIDField()
    at_receipt = serializers.BooleanField()
    reason = serializers.CharField()
    pinned_at = serializers.DateTimeField()


class ExclusionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    sample_id = serializers.UUIDField()
    when = serializers.CharField(help_text="before or after its results were visible.")
    reason = serializers.CharField()
    excluded_by_id = serializers.UUIDField()
    second_by_id = serializers.UUIDField(allow_null=True)


class NewExclusion(StrictSerializer):
    sample = serializers.UUIDField()
    reason = serializers.CharField()


class DecisionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    batch_id = serializers.UUIDField()
    batch = serializers.CharField(source="batch.code")
    number = serializers.IntegerField()
    policy_id = serializers.UUIDField()
    policy = serializers.CharField()
    outcome = serializers.CharField()
    provisional = serializers.BooleanField()
    retrospective = serializers.BooleanField()
    sentence = serializers.CharField()
    criteria = serializers.JSONField()
    warnings = serializers.JSONField()
    digest = serializers.CharField()
    decided_at = serializers.DateTimeField()


class FullDecisionSerializer(DecisionSerializer):
    case = serializers.JSONField(help_text="As grade-preview takes it.")
    sources = serializers.JSONField(help_text="Where everything in the case comes from.")
    factors_version = serializers.CharField()
    code_version = serializers.CharField()


def _missing(what: str) -> NotFound:
    return NotFound(Problem("not-found", f"There is no such {what}.", "Look it up.", Place(field=what)))


class Policies(RegistryView):
    """Versioned decision rules."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "grading.read",
        "retrieve": "grading.read",
        "create": "grading.manage",
        "put_in_force": "grading.manage",
        "retire": "grading.manage",
        "agree": "grading.manage",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = PolicySerializer
    queryset = Policy.objects.none()
    lookup_value_regex = UUID_FORM
    filters = ("state",)

    def _policy(self, pk: str) -> Policy:
        found = queries.policies(person(self.request)).filter(pk=pk).first()
        if found is None:
            raise _missing("policy")
        return found

    def list(self, request: Request) -> Response:
        """List the policies that one may see."""
        rows, state = queries.policies(person(request)), self.chosen("state", list(PolicyState))
        return self.page(rows.filter(state=state) if state else rows, lambda _user, found: found)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one version of a policy."""
        return Response(PolicySerializer(self._policy(pk)).data)

    @extend_schema(request=NewPolicy, responses={201: PolicySerializer})
    def create(self, request: Request) -> Response:
        """Make a draft of a policy, or of its next version."""
        given = self.given(NewPolicy)
        owner = Organisation.objects.visible_to(person(request)).filter(pk=given.pop("owner")).first()
        if owner is None:
            raise _missing("owner")
        made = services.make_policy(actor=person(request), owner=owner, **given)
        return Response(PolicySerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=PolicySerializer, parameters=[PK])
    @action(detail=True, methods=["post"], url_path="put-in-force")
    def put_in_force(self, request: Request, pk: str) -> Response:
        """Let a draft decide what is received from now on."""
        made = services.put_in_force(actor=person(request), policy=self._policy(pk))
        return Response(PolicySerializer(made).data)

    @extend_schema(request=None, responses=PolicySerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """End a policy."""
        made = services.retire_policy(actor=person(request), policy=self._policy(pk))
        return Response(PolicySerializer(made).data)

    @extend_schema(request=NewAgreement, responses={201: PinnedSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, pk: str) -> Response:
        """Let a batch be judged by this policy instead of the one pinned at its receipt, with a reason."""
        policy, given = self._policy(pk), self.given(NewAgreement)
        batch = batch_for(person(request), given["batch"])
        made = services.agree_policy(
            actor=person(request), batch=batch, policy=policy, reason=given["reason"]
        )
        return Response(PinnedSerializer(made).data, status=status.HTTP_201_CREATED)


class Exclusions(RegistryView):
    """Samples left out of their batch's decision."""

    access: ClassVar[Mapping[str, str]] = {"create": "grading.manage", "agree": "grading.manage"}
    serializer_class = ExclusionSerializer
    queryset = Exclusion.objects.none()
    lookup_value_regex = UUID_FORM

    @extend_schema(request=NewExclusion, responses={201: ExclusionSerializer})
    def create(self, request: Request) -> Response:
        """Leave a sample out; once its results are visible, a second person must agree."""
        given = self.given(NewExclusion)
        sample = sample_for(person(request), given["sample"])
        made = services.exclude_sample(actor=person(request), sample=sample, reason=given["reason"])
        return Response(ExclusionSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ExclusionSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, pk: str) -> Response:
        """Agree, as a second person."""
        batches = queries.batches_read_by(person(request))
        found = Exclusion.objects.filter(pk=pk, sample__batch__in=batches).first()
        if found is None:
            raise _missing("exclusion")
        made = services.agree_exclusion(actor=person(request), exclusion=found)
        return Response(ExclusionSerializer(made).data)


class Decisions(RegistryView):
    """What was decided of batches, and on what it rests."""

    access: ClassVar[Mapping[str, str]] = {"list": "grading.read", "retrieve": "grading.read"}
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-decided_at", "-id")}
    serializer_class = DecisionSerializer
    queryset = Decision.objects.none()
    lookup_value_regex = UUID_FORM
    filters = ("outcome", "batch", "standing")

    def list(self, request: Request) -> Response:
        """List decisions, the newest first; `standing=yes` for the one that stands for each batch."""
        user = person(request)
        standing = self.chosen("standing", ["yes"])
        rows = queries.standing_decisions(user) if standing else queries.decisions_for(user)
        outcome = self.chosen("outcome", list(Outcome))
        rows = rows.filter(outcome=outcome) if outcome else rows
        batch = request.query_params.get("batch")
        if batch:
            rows = rows.filter(batch__code__iexact=batch)
        return self.page(rows, lambda _user, found: found)

    @extend_schema(responses=FullDecisionSerializer, parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one decision with the case that it was made from."""
        found = queries.decisions_for(person(request)).filter(pk=pk).first()
        if found is None:
            raise _missing("decision")
        return Response(FullDecisionSerializer(found).data)


router = SimpleRouter()
router.register("policies", Policies, "api-policy")
router.register("exclusions", Exclusions, "api-exclusion")
router.register("decisions", Decisions, "api-decision")
urlpatterns = [
    *router.urls,
    path("policies/<uuid:pk>/uncertainty/", Uncertainty.as_view(), name="api-policy-uncertainty"),
    path("grade-preview/", GradePreview.as_view(), name="api-grade-preview"),
]
