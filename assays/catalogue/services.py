"""Verbs of the catalogue: methods and what they report, reference materials and what they hold."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from assays.catalogue import permissions  # noqa: F401  # permissions register by name
from assays.catalogue.models import CertifiedValue, Method, MethodAnalyte, ReferenceMaterial
from assays.catalogue.rules import Basis, Form, MaterialKind, label_key
from assays.chemistry.oxides import ATOMIC_WEIGHTS, OXIDES, element_of
from assays.chemistry.units import ppm_factor
from lims.accounts.models import Organisation
from lims.accounts.rules import OrganisationKind
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.registry.arguments import bounded, one_of, said


@verb
def add_method(
    *,
    actor: Actor,
    laboratory: Organisation,
    code: str,
    name: str,
    technique: str,
    digestion: str,
    basis: str,
    conditions: str = "",
    rank: int = 100,
    bias_relative: Decimal | None = None,
    bias_df: int = 20,
    bias_evidence: str = "",
) -> Method:
    """Add a laboratory's method; `bias_relative` is the relative uncertainty of its bias, with its degrees of freedom.

    Raises `Invalid` ("not-a-laboratory", "method-leach-conditions-given", …) or `Conflict` ("method-code-once").
    """
    permit(actor, "catalogue.manage", laboratory)
    if laboratory.kind != OrganisationKind.LABORATORY:
        raise invalid(
            "not-a-laboratory", f"{laboratory} is no laboratory.", "Choose one.", field="laboratory"
        )
    if bias_relative is not None and not bias_evidence.strip():
        raise invalid(
            "bias-without-evidence",
            "The bias uncertainty rests on nothing.",
            "Say what it was found from, with dates and n.",
            field="bias_evidence",
        )
    return Method.objects.create(
        laboratory=laboratory,
        code=said(code, field="code", most=40),
        name=said(name, field="name"),
        technique=said(technique, field="technique", most=100),
        digestion=said(digestion, field="digestion", most=100),
        basis=one_of(Basis, basis, field="basis"),
        conditions=bounded(" ".join(conditions.split()), field="conditions"),
        rank=rank,
        bias_relative=bias_relative,
        bias_df=bias_df,
        bias_evidence=bounded(" ".join(bias_evidence.split()), field="bias_evidence"),
    )


def _analyte(text: str, oxide: str) -> tuple[str, str, str]:
    """Return analyte, form and oxide as they are kept. Raises `Invalid` ("analyte-unknown", "oxide-unknown", "oxide-of-another")."""
    analyte, named = said(text, field="analyte", most=8), oxide.strip()
    if analyte not in ATOMIC_WEIGHTS:
        raise invalid(
            "analyte-unknown", f"“{analyte}” is no element known here.", "For example Dy.", field="analyte"
        )
    if not named:
        return analyte, Form.ELEMENT, ""
    if named not in OXIDES:
        raise invalid("oxide-unknown", f"“{named}” is no oxide here.", "For example Dy2O3.", field="oxide")
    if element_of(named) != analyte:
        raise invalid(
            "oxide-of-another", f"{named} is no oxide of {analyte}.", "Choose its own.", field="oxide"
        )
    return analyte, Form.OXIDE, named


@verb
def set_method_analyte(
    *,
    actor: Actor,
    method: Method,
    analyte: str,
    oxide: str = "",
    unit: str,
    lower_limit: Decimal | None = None,
    upper_limit: Decimal | None = None,
) -> MethodAnalyte:
    """Say what a method reports of an analyte: element or named oxide, unit, and limits in that unit.

    Raises `Invalid` ("unit-unknown", "oxide-unknown", "method-limits-in-order", …).
    """
    permit(actor, "catalogue.manage", method.laboratory)
    ppm_factor(unit)
    name, form, named = _analyte(analyte, oxide)
    limits = {"unit": unit.strip(), "lower_limit": lower_limit, "upper_limit": upper_limit}
    row = (
        MethodAnalyte.objects.select_for_update()
        .filter(method=method, analyte=name, form=form, oxide=named)
        .first()
    )
    if row is None:
        return MethodAnalyte.objects.create(method=method, analyte=name, form=form, oxide=named, **limits)
    for field, value in limits.items():
        setattr(row, field, value)
    row.save(update_fields=list(limits))
    return row


@verb
def add_material(
    *,
    actor: Actor,
    code: str,
    kind: str,
    description: str,
    maker: str,
    lot: str = "",
    expires_on: date | None = None,
    also: Sequence[str] = (),
) -> ReferenceMaterial:
    """Add one lot of a reference material or a blank; `also` is what else certificates call it.

    Raises `Conflict` ("material-once", "material-name-taken").
    """
    permit(actor, "catalogue.manage")
    name = said(code, field="code", most=60)
    keys = sorted({key for text in (name, *also) if (key := label_key(text))})
    for other in ReferenceMaterial.objects.exclude(code__iexact=name):
        taken = set(keys) & set(other.label_keys)
        if taken:
            raise conflict(
                "material-name-taken",
                f"Certificates mean {other} by “{min(taken)}”.",
                "Choose another name.",
                field="also",
            )
    return ReferenceMaterial.objects.create(
        code=name,
        kind=one_of(MaterialKind, kind, field="kind"),
        lot=bounded(lot.strip(), field="lot", most=60),
        description=said(description, field="description"),
        maker=said(maker, field="maker"),
        expires_on=expires_on,
        label_keys=keys,
    )


@verb
def certify(
    *,
    actor: Actor,
    material: ReferenceMaterial,
    analyte: str,
    basis: str,
    value_ppm: Decimal,
    sd_ppm: Decimal,
    oxide: str = "",
    u95_ppm: Decimal | None = None,
) -> CertifiedValue:
    """Say what a material holds of an analyte on one basis, in ppm: certified value, standard deviation, U95.

    For a blank it is its own certified or long-run level. Raises `Invalid` ("certified-value-sensible") or `Conflict`
    ("certified-value-once").
    """
    permit(actor, "catalogue.manage")
    name, form, named = _analyte(analyte, oxide)
    return CertifiedValue.objects.create(
        material=material,
        analyte=name,
        form=form,
        oxide=named,
        basis=one_of(Basis, basis, field="basis"),
        value_ppm=value_ppm,
        sd_ppm=sd_ppm,
        u95_ppm=u95_ppm,
    )
