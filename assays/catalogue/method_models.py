"""Methods with their analytes, and profiles of laboratories: shape, not behaviour."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from assays.catalogue.rules import BASIS_LABELS, Basis, Form
from lims.accounts.models import Organisation
from lims.ids import uuid7


class Method(models.Model):
    """A laboratory's method code: technique, digestion, basis, and what is known of its bias."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    laboratory = models.ForeignKey(Organisation, models.PROTECT, related_name="methods")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    technique = models.CharField(max_length=100)
    digestion = models.CharField(max_length=100)
    basis = models.CharField(max_length=16, choices=[(b.value, label) for b, label in BASIS_LABELS.items()])
    #: molarity, pH, liquid-to-solid ratio and time, where the basis is leachable
    conditions = models.CharField(max_length=200, blank=True, default="")
    #: among methods that report the same analyte, the smaller rank is preferred
    rank = models.PositiveSmallIntegerField(default=100)
    #: relative uncertainty of the method's bias (b in METHODS.md section 4), with what it rests on
    bias_relative = models.DecimalField(max_digits=7, decimal_places=5, null=True)
    bias_df = models.PositiveIntegerField(default=20)
    bias_evidence = models.CharField(max_length=200, blank=True, default="")
    #: working days from taking up to reporting, as agreed; null: nothing agreed
    turnaround_days = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "laboratory",
                Lower("code"),
                name="method_code_once",
                violation_error_message="The laboratory has a method with this code already.",
            ),
            models.CheckConstraint(name="method_basis_known", condition=Q(basis__in=list(Basis))),
            models.CheckConstraint(name="method_named", condition=~Q(code="") & ~Q(name="")),
            models.CheckConstraint(
                name="method_leach_conditions_given",
                condition=~Q(basis=Basis.LEACHABLE) | ~Q(conditions=""),
                violation_error_message="A leachable basis needs its conditions: molarity, pH, L:S and time.",
            ),
            models.CheckConstraint(
                name="method_bias_sensible",
                condition=Q(bias_relative=None) | Q(bias_relative__gte=0, bias_relative__lt=1),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class MethodAnalyte(models.Model):
    """What a method reports of one analyte: form, unit and limits, in that unit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    method = models.ForeignKey(Method, models.PROTECT, related_name="analytes")
    analyte = models.CharField(max_length=8)
    form = models.CharField(max_length=8, choices=[(f.value, f.value) for f in Form])
    oxide = models.CharField(max_length=8, blank=True, default="")
    unit = models.CharField(max_length=12)
    lower_limit = models.DecimalField(max_digits=20, decimal_places=8, null=True)
    upper_limit = models.DecimalField(max_digits=20, decimal_places=8, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["method", "analyte", "form", "oxide"], name="method_analyte_once"
            ),
            models.CheckConstraint(name="method_analyte_form_known", condition=Q(form__in=list(Form))),
            models.CheckConstraint(
                name="method_analyte_oxide_named",
                condition=Q(form=Form.ELEMENT, oxide="") | Q(form=Form.OXIDE) & ~Q(oxide=""),
            ),
            models.CheckConstraint(
                name="method_limits_in_order",
                condition=Q(lower_limit=None)
                | Q(upper_limit=None)
                | Q(upper_limit__gt=models.F("lower_limit")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.oxide or self.analyte} by {self.method}"


class Profile(models.Model):
    """One dated version of what a laboratory means by the cells of its files; a later one has a higher number."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    laboratory = models.ForeignKey(Organisation, models.PROTECT, related_name="profiles")
    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    #: what `assays.certificates.reading.Profile` is made from
    conventions = models.JSONField(default=dict)
    rationale = models.CharField(max_length=200)
    #: the method that it is for; null: every method of the laboratory
    method = models.ForeignKey(Method, models.PROTECT, null=True, related_name="profiles")
    #: the first day on which files are read by it; null: always
    valid_from = models.DateField(null=True)
    #: a plain layout that was taught once: what `assays.certificates.reading.Mapping` is made from; empty: none
    mapping = models.JSONField(default=dict)
    #: SHA-256 over the headings that it was taught on, by which the next file is recognised
    headings_sha256 = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint("laboratory", Lower("name"), "version", name="profile_version_once"),
            models.CheckConstraint(
                name="profile_named", condition=~Q(name="") & ~Q(rationale="") & Q(version__gt=0)
            ),
            models.CheckConstraint(
                name="profile_taught_whole",
                condition=Q(mapping={}, headings_sha256="") | ~Q(headings_sha256=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"
