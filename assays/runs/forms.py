"""Forms of a review: they shape input, services decide."""

from django import forms

_AREA = {"rows": 3, "maxlength": 1000}


class ReviewForm(forms.Form):
    """What a reviewer says of the version that was shown to them."""

    version = forms.CharField(widget=forms.HiddenInput, max_length=64)
    #: a review is signed: whoever left the screen open has not said it
    password = forms.CharField(
        label="Your password, as your signature",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("version", "note", "reason", "password")


class ApproveForm(ReviewForm):
    """Let the results count."""

    note = forms.CharField(
        label="Note", required=False, max_length=1000, widget=forms.Textarea(attrs=_AREA | {"rows": 2})
    )


class ReturnForm(ReviewForm):
    """Send the results back."""

    reason = forms.CharField(
        label="What is wrong",
        max_length=1000,
        widget=forms.Textarea(attrs=_AREA),
        help_text="For whoever brought them in: what to correct or to measure again.",
    )


class RetestForm(forms.Form):
    """Ask for an item to be analysed again."""

    item = forms.CharField(
        label="Which item",
        max_length=100,
        help_text="As the certificate calls it: a tag, a laboratory number, or the name of a QC item.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    analyte = forms.CharField(
        label="Element",
        required=False,
        max_length=8,
        help_text="Dy, for example; empty for every element.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs=_AREA | {"rows": 2}))
