"""What a laboratory stands on, over the API: the same verbs as the page."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import rules
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from assays.catalogue.models import Accreditation, Calibration, Competence, Equipment, Method, Validation
from assays.catalogue.queries import laboratories
from assays.catalogue.standing import api_shapes as shapes
from assays.catalogue.standing import services
from lims.accounts.authentication import person
from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role
from lims.errors import NotFound, Place, Problem
from samples.registry.api_view import PK, UUID_FORM, RegistryView


def _found(rows: Any, pk: UUID, what: str) -> Any:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(
            Problem(f"{what}-unknown", f"There is no such {what}.", "Look it up.", Place(field=what))
        )
    return found


def _method(pk: UUID) -> Method:
    found: Method = _found(Method.objects.select_related("laboratory"), pk, "method")
    return found


def _seen_people(user: User) -> list[Organisation]:
    """Return the laboratories whose people the person may know."""
    known = list(laboratories())
    if user.has_role(Role.AUDITOR):
        return known
    return [
        one
        for one in known
        if user.has_role(*Role, organisation=one) or rules.has_perm("catalogue.manage", user, one)
    ]


class _Standing(RegistryView):
    access: ClassVar[Mapping[str, str]] = {"list": "catalogue.read", "create": "catalogue.manage"}
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    lookup_value_regex = UUID_FORM

    def _made(self, made: Any) -> Response:
        made.refresh_from_db()
        return Response(self.serializer_class(made).data, status=status.HTTP_201_CREATED)  # type: ignore[misc]  # set


class EquipmentView(_Standing):
    """Equipment of laboratories."""

    serializer_class = shapes.EquipmentSerializer
    queryset = Equipment.objects.none()

    def list(self, request: Request) -> Response:
        """List the equipment of every laboratory."""
        return self.page(Equipment.objects.all(), lambda _user, rows: rows)

    @extend_schema(request=shapes.NewEquipment, responses={201: shapes.EquipmentSerializer})
    def create(self, request: Request) -> Response:
        """Add equipment."""
        given: dict[str, Any] = self.given(shapes.NewEquipment)
        where = _found(laboratories(), given.pop("laboratory"), "laboratory")
        return self._made(services.add_equipment(actor=person(request), laboratory=where, **given))


class Calibrations(_Standing):
    """Calibrations of equipment."""

    serializer_class = shapes.CalibrationSerializer
    queryset = Calibration.objects.none()

    def list(self, request: Request) -> Response:
        """List the calibrations."""
        return self.page(Calibration.objects.all(), lambda _user, rows: rows)

    @extend_schema(request=shapes.NewCalibration, responses={201: shapes.CalibrationSerializer})
    def create(self, request: Request) -> Response:
        """Record a calibration."""
        given: dict[str, Any] = self.given(shapes.NewCalibration)
        rows = Equipment.objects.select_related("laboratory")
        found = _found(rows, given.pop("equipment"), "equipment")
        return self._made(services.record_calibration(actor=person(request), equipment=found, **given))


class Validations(_Standing):
    """What methods were shown to do."""

    serializer_class = shapes.ValidationSerializer
    queryset = Validation.objects.none()

    def list(self, request: Request) -> Response:
        """List the validations."""
        return self.page(Validation.objects.all(), lambda _user, rows: rows)

    @extend_schema(request=shapes.NewValidation, responses={201: shapes.ValidationSerializer})
    def create(self, request: Request) -> Response:
        """Record a validation."""
        given: dict[str, Any] = self.given(shapes.NewValidation)
        method = _method(given.pop("method"))
        return self._made(services.record_validation(actor=person(request), method=method, **given))


class Accreditations(_Standing):
    """Accreditation of methods."""

    serializer_class = shapes.AccreditationSerializer
    queryset = Accreditation.objects.none()

    def list(self, request: Request) -> Response:
        """List the accreditations."""
        return self.page(Accreditation.objects.all(), lambda _user, rows: rows)

    @extend_schema(request=shapes.NewAccreditation, responses={201: shapes.AccreditationSerializer})
    def create(self, request: Request) -> Response:
        """Record an accreditation."""
        given: dict[str, Any] = self.given(shapes.NewAccreditation)
        method = _method(given.pop("method"))
        return self._made(services.record_accreditation(actor=person(request), method=method, **given))


class Competences(_Standing):
    """Who was found able to do what: of laboratories where one works."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "catalogue.read",
        "create": "catalogue.manage",
        "withdraw": "catalogue.manage",
    }
    serializer_class = shapes.CompetenceSerializer
    queryset = Competence.objects.none()

    def list(self, request: Request) -> Response:
        """List the competences of one's laboratories."""
        mine = Competence.objects.filter(method__laboratory__in=_seen_people(person(request)))
        return self.page(mine, lambda _user, rows: rows)

    @extend_schema(request=shapes.NewCompetence, responses={201: shapes.CompetenceSerializer})
    def create(self, request: Request) -> Response:
        """Record a person's competence."""
        given: dict[str, Any] = self.given(shapes.NewCompetence)
        method = _method(given.pop("method"))
        who = _found(User.objects.all(), given.pop("person"), "person")
        return self._made(
            services.grant_competence(actor=person(request), method=method, person=who, **given)
        )

    @extend_schema(request=shapes.Withdrawal, responses=shapes.CompetenceSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Withdraw a competence."""
        user = person(request)
        mine = Competence.objects.filter(method__laboratory__in=_seen_people(user))
        found = _found(mine.select_related("method__laboratory"), UUID(pk), "competence")
        services.withdraw_competence(actor=user, competence=found, **self.given(shapes.Withdrawal))
        found.refresh_from_db()
        return Response(shapes.CompetenceSerializer(found).data)


router = SimpleRouter()
router.register("equipment", EquipmentView, "api-equipment")
router.register("calibrations", Calibrations, "api-calibration")
router.register("validations", Validations, "api-validation")
router.register("accreditations", Accreditations, "api-accreditation")
router.register("competences", Competences, "api-competence")
urlpatterns = router.urls
