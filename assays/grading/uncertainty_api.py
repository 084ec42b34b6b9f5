"""What our own data propose for a policy, over the API, and its adoption."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assays.grading import queries
from assays.grading.adopting import adopt_evidence
from assays.grading.models import Policy
from assays.grading.proposals import bias_proposals, prior_proposals
from lims.accounts.authentication import person
from lims.api.serializers import StrictSerializer
from lims.errors import NotFound, Problem


class ComponentsSerializer(serializers.Serializer[Any]):
    bias = serializers.FloatField(help_text="Mean of (x - C)/C, a fraction.")
    u_reference = serializers.FloatField(help_text="U95/2C; the certified s/C where no U95 is certified.")
    s_run = serializers.FloatField(help_text="Between runs, a fraction.")
    s_within = serializers.FloatField(help_text="Within a run, a fraction.")
    runs = serializers.IntegerField(help_text="K_history")
    results = serializers.IntegerField(help_text="n_CRM")
    df = serializers.IntegerField()


class BiasProposalSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="What adoption takes.")
    method_id = serializers.UUIDField(source="method")
    method = serializers.CharField(source="code")
    laboratory = serializers.CharField()
    analyte = serializers.CharField()
    material = serializers.CharField()
    certified_ppm = serializers.DecimalField(30, 12, normalize_output=True)
    made_of = ComponentsSerializer()
    relative = serializers.FloatField(source="made_of.relative", help_text="b of a batch in one run.")
    u95_known = serializers.BooleanField()
    suggested = serializers.BooleanField()
    first_on = serializers.DateField()
    last_on = serializers.DateField()


class PriorProposalSerializer(serializers.Serializer[Any]):
    mine_id = serializers.UUIDField(source="mine", help_text="What adoption takes.")
    mine = serializers.CharField(source="name")
    relative = serializers.FloatField()
    df = serializers.IntegerField()
    analyte = serializers.CharField()
    batches = serializers.ListField(child=serializers.CharField())
    first_on = serializers.DateField()
    last_on = serializers.DateField()


class ProposalsSerializer(serializers.Serializer[Any]):
    biases = BiasProposalSerializer(many=True)
    priors = PriorProposalSerializer(many=True)


class NewEvidence(StrictSerializer):
    biases = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, max_length=500
    )
    priors = serializers.ListField(child=serializers.CharField(max_length=40), required=False, max_length=500)
    review_on = serializers.DateField()
    rationale = serializers.CharField()


class AdoptedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="The next version of the policy, a draft.")
    version = serializers.IntegerField()
    priors = serializers.JSONField()
    biases = serializers.JSONField()


class Uncertainty(APIView):
    """b of methods and spreads of deposits, from our own data."""

    access: ClassVar[Mapping[str, str]] = {"get": "grading.manage", "post": "grading.manage"}

    def _policy(self, pk: UUID) -> Policy:
        found = queries.policies(person(self.request)).filter(pk=pk).first()
        if found is None:
            raise NotFound(Problem("not-found", "There is no such policy.", "Look it up."))
        return found

    @extend_schema(responses=ProposalsSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        """Return what reference materials and earlier batches propose for a policy."""
        policy = self._policy(pk)
        found = {"biases": bias_proposals(person(request), policy), "priors": prior_proposals(policy)}
        return Response(ProposalsSerializer(found).data)

    @extend_schema(request=NewEvidence, responses={201: AdoptedSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        """Make the next version of a policy, a draft, with what is chosen; the numbers are computed anew."""
        policy = self._policy(pk)
        given = NewEvidence(data=request.data)
        given.is_valid(raise_exception=True)
        made = adopt_evidence(actor=person(request), policy=policy, **given.validated_data)
        return Response(AdoptedSerializer(made).data, status=status.HTTP_201_CREATED)
