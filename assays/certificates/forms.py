"""Forms of certificates: they shape input, services decide."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from assays.catalogue.models import Method, Profile, ReferenceMaterial
from assays.catalogue.queries import laboratories, materials, methods, newest_profiles
from assays.certificates.models import Upload
from assays.certificates.rules import PURPOSE_LABELS, Match
from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role


class UploadForm(forms.Form):
    """A file to bring in, for one of the laboratories for whom a person logs results; not asked when there is one."""

    file = forms.FileField(
        label="Certificate", widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx,.xls,.ods"})
    )
    kept_by = forms.ModelChoiceField(
        label="For the laboratory", queryset=Organisation.objects.none(), empty_label=None
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = user.organisations_as(Role.TECHNICIAN)
        field = self.fields["kept_by"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.filter(pk__in=mine).order_by("name")
        if len(set(mine)) == 1:
            field.widget = forms.HiddenInput()
            field.initial = mine[0]


class DescribeForm(forms.Form):
    """What a file itself does not say."""

    laboratory = forms.ModelChoiceField(
        label="Issued by", queryset=Organisation.objects.none(), required=False, empty_label="Not known"
    )
    number = forms.CharField(label="Number of the job", max_length=60)
    purpose = forms.ChoiceField(
        label="It reports", choices=[(purpose.value, label) for purpose, label in PURPOSE_LABELS.items()]
    )
    method = forms.ModelChoiceField(
        label="Method of columns that name none",
        queryset=Method.objects.none(),
        required=False,
        empty_label="None",
    )
    profile = forms.ModelChoiceField(
        label="Profile",
        queryset=Profile.objects.none(),
        required=False,
        empty_label="Plain",
        help_text="What this laboratory means by a minus, X, BDL, or a decimal comma.",
    )

    def __init__(self, upload: Upload, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {name: getattr(upload, name) for name in ("number", "purpose")})
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("laboratory", laboratories()),
            ("method", methods().filter(laboratory=upload.laboratory)),
            (
                "profile",
                Profile.objects.filter(pk__in=[one.pk for one in newest_profiles(upload.laboratory)]),
            ),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
            field.initial = getattr(upload, f"{name}_id")


#: what the typed text names is meant, whether a sample or a material
NAMED: Final = "NAMED"


class MatchForm(forms.Form):
    """What a row is: a tag or number of a sample, a reference material, or nothing of ours."""

    match = forms.ChoiceField(choices=[(match, match) for match in (*Match, NAMED)])
    sample = forms.UUIDField(required=False)
    label = forms.CharField(required=False, max_length=100)
    material = forms.ModelChoiceField(queryset=ReferenceMaterial.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["material"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = materials()

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> "MatchForm":
        """Return the form of what was sent; a button says all in one word, as in "SAMPLE 0197…"."""
        match, _, pk = sent.get("choice", "").partition(" ")
        if not match:
            return cls(sent)
        field = "sample" if match in {Match.SAMPLE, Match.DUPLICATE} else "material"
        return cls({"match": match, field: pk})
