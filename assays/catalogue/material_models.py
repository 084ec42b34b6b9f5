"""Reference materials with their certified values: shape, not behaviour."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from assays.catalogue.rules import BASIS_LABELS, MATERIAL_KIND_LABELS, Basis, Form, MaterialKind
from lims.ids import uuid7


class ReferenceMaterial(models.Model):
    """A certified reference material or a blank, one lot of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=60)
    kind = models.CharField(
        max_length=5, choices=[(k.value, label) for k, label in MATERIAL_KIND_LABELS.items()]
    )
    lot = models.CharField(max_length=60, blank=True, default="")
    description = models.CharField(max_length=200)
    maker = models.CharField(max_length=200)
    expires_on = models.DateField(null=True)
    #: how certificates may call it, compared by `rules.label_key`; the code itself is always among them
    label_keys = models.JSONField(default=list)
    #: the maker's certificate: its number, and its file in the store
    certificate = models.CharField(max_length=100, blank=True, default="")
    file_sha256 = models.CharField(max_length=64, blank=True, default="")
    file_name = models.CharField(max_length=200, blank=True, default="")
    #: the day from which no more of this lot is used; null: in use
    retired_on = models.DateField(null=True)
    retired_reason = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("code"), Lower("lot"), name="material_once"),
            models.CheckConstraint(name="material_kind_known", condition=Q(kind__in=list(MaterialKind))),
            models.CheckConstraint(name="material_named", condition=~Q(code="")),
        ]

    def __str__(self) -> str:
        return self.code


class CertifiedValue(models.Model):
    """A material's certified (or, for a blank, long-run) value of one analyte on one basis, in ppm of its form."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    material = models.ForeignKey(ReferenceMaterial, models.PROTECT, related_name="values")
    analyte = models.CharField(max_length=8)
    form = models.CharField(max_length=8, choices=[(f.value, f.value) for f in Form])
    oxide = models.CharField(max_length=8, blank=True, default="")
    basis = models.CharField(max_length=16, choices=[(b.value, label) for b, label in BASIS_LABELS.items()])
    value_ppm = models.DecimalField(max_digits=20, decimal_places=8)
    sd_ppm = models.DecimalField(max_digits=20, decimal_places=8)
    u95_ppm = models.DecimalField(max_digits=20, decimal_places=8, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["material", "analyte", "form", "oxide", "basis"], name="certified_value_once"
            ),
            models.CheckConstraint(
                name="certified_value_sensible", condition=Q(value_ppm__gte=0, sd_ppm__gt=0)
            ),
            models.CheckConstraint(
                name="certified_value_words_known",
                condition=Q(form__in=list(Form)) & Q(basis__in=list(Basis)),
            ),
            models.CheckConstraint(
                name="certified_value_oxide_named",
                condition=Q(form=Form.ELEMENT, oxide="") | Q(form=Form.OXIDE) & ~Q(oxide=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.oxide or self.analyte} in {self.material}"
