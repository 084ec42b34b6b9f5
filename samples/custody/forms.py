"""Forms of custody: they shape input, services decide."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final, Self, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from lims import quantities
from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind, Role
from lims.errors import DomainError
from samples.custody.happenings import Here
from samples.custody.models import Document, Route, Scale
from samples.custody.rules import DOCUMENT_LABELS, EVENT_LABELS, INCIDENT_LABELS, Condition, EventKind
from samples.custody.scales.forms import ScaleChoice
from samples.custody.scales.queries import usable_scales
from samples.registry.forms import OwnerForm

R = TypeVar("R")
#: a field into which a scanner types
SCANNED: Final = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
CONDITIONS: Final = [
    (Condition.INTACT.value, "Intact"),
    (Condition.DAMAGED.value, "Damaged"),
    (Condition.OPENED.value, "Opened"),
]
#: in the order in which a road has them
ON_THE_WAY: Final = (EventKind.CHECKPOINT, EventKind.BORDER_CROSSED, EventKind.ARRIVED)


def with_here(verb: Callable[..., R]) -> Callable[..., R]:
    """Return the verb as a form calls it: time, place and note one by one instead of a `Here`."""

    def call(  # one name for each field of WhereForm
        *, at: Any, latitude: Any, longitude: Any, accuracy_m: Any, note: str, place: str = "", **rest: Any
    ) -> R:
        return verb(here=Here(at, latitude, longitude, accuracy_m, note, place=place), **rest)

    return call


def _decimal(label: str, unit: str, *, required: bool = False, **kwargs: Any) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"data-unit": unit, "inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(label=label, required=required, widget=widget, **kwargs)


def _time(label: str, help_text: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, required=False, help_text=help_text)


class GrossMassField(forms.CharField):
    """A gross mass in grams; "2.15 kg" is understood too. None when it may be left out and is."""

    def __init__(self, label: str = "Gross mass", **kwargs: Any) -> None:
        attrs = {"data-unit": "g", "inputmode": "decimal", "autocomplete": "off"}
        super().__init__(label=label, max_length=30, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        """Return the mass in grams. Raises `ValidationError`."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return quantities.mass_g(text, field="mass_g")
        except DomainError as error:
            raise ValidationError(str(error)) from error


class ScannedForm(forms.Form):
    """A form that is filled by scanner and scale: what has to be typed next has the focus."""

    def ready(self) -> Self:
        """Give the focus to the first field that is wrong, else to the tag; return the form."""
        wrong = [name for name in self.fields if name in self.errors] if self.is_bound else []
        self.fields[wrong[0] if wrong else "tag"].widget.attrs["autofocus"] = True
        return self


class WhereForm(forms.Form):
    """When and where something happened, and what is to be said of it; all of it may be left out."""

    at = _time("When", "Leave it empty for now.")
    place = forms.CharField(
        label="Place", required=False, max_length=100, help_text="Its name, as on the route."
    )
    latitude = _decimal("Latitude", "° N", max_digits=9, decimal_places=6)
    longitude = _decimal("Longitude", "° E", max_digits=9, decimal_places=6)
    accuracy_m = _decimal("Accuracy of the place", "m", max_digits=7, decimal_places=1, min_value=0)
    note = forms.CharField(required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_at(self) -> Any:
        """Return the time; now when it was left empty."""
        return self.cleaned_data["at"] or timezone.now()

    @property
    def where(self) -> list[forms.BoundField]:
        """Return the fields that most people leave alone."""
        return [self[name] for name in WhereForm.base_fields]

    @property
    def asked(self) -> list[forms.BoundField]:
        """Return the fields that everybody fills in."""
        return [self[name] for name in self.fields if name not in WhereForm.base_fields]


def scale_field() -> ScaleChoice:
    """Return the field of the scale that something was weighed on; its choices are set by `choose_scales`."""
    return ScaleChoice(
        label="Weighed on", queryset=Scale.objects.none(), required=False, empty_label="No scale named"
    )


def choose_scales(form: forms.Form, user: User) -> None:
    """Let a person choose among the scales of their own organisations; nothing is asked where there is none."""
    field = form.fields["scale"]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = usable_scales(user)
    if not field.queryset.exists():
        del form.fields["scale"]


class StartForm(OwnerForm):
    """A consignment to pack."""

    carrier = forms.ModelChoiceField(queryset=Organisation.objects.none(), empty_label=None)
    destination = forms.ModelChoiceField(
        label="Laboratory", queryset=Organisation.objects.none(), empty_label=None
    )
    planned_arrival = _time("Due at the laboratory", "It counts as overdue after this.")
    route = forms.ModelChoiceField(
        queryset=Route.objects.none(), required=False, empty_label="No planned route"
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        mine = user.organisations_as(Role.FIELD_COORDINATOR, Role.MANAGER)
        route = self.fields["route"]
        assert isinstance(route, forms.ModelChoiceField)
        route.queryset = Route.objects.filter(owner__in=mine, retired_at=None).order_by("name")
        for name, kind in (
            ("carrier", OrganisationKind.CARRIER),
            ("destination", OrganisationKind.LABORATORY),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = Organisation.objects.filter(kind=kind).order_by("name")


class PackForm(ScannedForm):
    """One bag at the packing table: tag, seal and mass, in the order in which a scanner and a scale give them."""

    maker = forms.CharField(label="Maker of the seals", max_length=60, help_text="Kept for the next bag.")
    tag = forms.CharField(max_length=60, widget=forms.TextInput(attrs=SCANNED | {"class": "tag fs-2"}))
    number = forms.CharField(
        label="Seal number",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs=SCANNED | {"class": "tag"}),
        help_text="Leave seal and mass empty for a bag that was sealed before.",
    )
    mass_g = GrossMassField("Mass of the sealed bag", required=False)
    scale = scale_field()

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_scales(self, user)


class RegisterChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """A document of the register, with its kind."""

    def label_from_instance(self, obj: Document) -> str:
        """Return how a document is chosen."""
        until = f", until {obj.expires_on}" if obj.expires_on else ""
        return f"{obj.get_kind_display()}: {obj.number}, {obj.authority}{until}"


class PaperForm(forms.Form):
    """A paper that travels with a consignment: one of the register, or just its number."""

    document = RegisterChoice(
        label="From the register",
        queryset=Document.objects.none(),
        required=False,
        empty_label="Not in the register",
        help_text="Its quantity is drawn down at dispatch.",
    )
    kind = forms.ChoiceField(label="Paper", required=False)
    reference = forms.CharField(label="Its number", max_length=100, required=False)

    def __init__(
        self, missing: Iterable[str], *args: Any, documents: Iterable[Document] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        missing = set(missing)
        kind, document = self.fields["kind"], self.fields["document"]
        assert isinstance(kind, forms.ChoiceField)
        assert isinstance(document, forms.ModelChoiceField)
        kind.choices = [(kind.value, label) for kind, label in DOCUMENT_LABELS.items() if kind in missing]
        ids = [one.pk for one in documents if one.kind in missing]
        document.queryset = Document.objects.filter(pk__in=ids).order_by("kind", "number")

    def clean(self) -> dict[str, Any]:
        """Return kind and number, taken from the register's document if one is chosen."""
        given: dict[str, Any] = super().clean() or {}
        document = given.get("document")
        if document is not None:
            return given | {"kind": document.kind, "reference": document.number}
        for name in ("kind", "reference"):
            if not given.get(name) and name not in self.errors:
                self.add_error(name, "Choose a document above, or say it here.")
        return given


class DoseForm(forms.Form):
    """The dose rate of a packed consignment."""

    surface_usv_h = _decimal("At the surface", "µSv/h", required=True, max_digits=8, decimal_places=3)
    at_1m_usv_h = _decimal("At 1 m", "µSv/h", required=True, max_digits=8, decimal_places=3)
    instrument = forms.CharField(max_length=100, help_text="Type and serial number.")


class OnTheWayForm(WhereForm):
    """What happens to a consignment on the road."""

    kind = forms.ChoiceField(
        label="What happened", choices=[(kind.value, EVENT_LABELS[kind]) for kind in ON_THE_WAY]
    )


class ReceiveForm(ScannedForm):
    """One bag at the laboratory's door: tag, mass, seal, condition."""

    tag = forms.CharField(
        label="Scan the tag",
        max_length=60,
        widget=forms.TextInput(attrs=SCANNED | {"class": "tag fs-1"}),
    )
    mass_g = GrossMassField()
    number = forms.CharField(
        label="Number on the seal",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs=SCANNED | {"class": "tag"}),
        help_text="As it stands on the bag; empty when there is none.",
    )
    condition = forms.ChoiceField(choices=CONDITIONS, initial=Condition.INTACT, widget=forms.RadioSelect)
    scale = scale_field()
    drying_loss_g = _decimal("Declared drying loss", "g", max_digits=12, decimal_places=3)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_scales(self, user)


class ReportForm(forms.Form):
    """Something that a person noticed."""

    kind = forms.ChoiceField(
        label="What is wrong", choices=[(kind.value, label) for kind, label in INCIDENT_LABELS.items()]
    )
    detail = forms.CharField(label="What you saw", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class ExplainForm(forms.Form):
    """How an incident came about."""

    explanation = forms.CharField(
        label="How it came about", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class JudgeForm(forms.Form):
    """Why an explanation is accepted or not."""

    reason = forms.CharField(label="Your reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
