"""Forms of the library: they shape input, services decide."""

from django import forms
from django.utils import timezone


class RetireForm(forms.Form):
    """From when a lot is no longer used, and why."""

    on = forms.DateField(label="No longer used from", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        label="Why", max_length=500, help_text="Used up, expired, not homogeneous, another lot in its place …"
    )

    @classmethod
    def today(cls) -> "RetireForm":
        """Return an empty form that proposes today."""
        return cls(initial={"on": timezone.localdate()})


class CertificateForm(forms.Form):
    """The maker's certificate of a lot."""

    certificate = forms.CharField(label="Number of the certificate", max_length=100, required=False)
    file = forms.FileField(
        label="File",
        help_text="PDF, JPEG or PNG.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )


class ValuesForm(forms.Form):
    """A file of certified values."""

    file = forms.FileField(
        label="Certified values, CSV", widget=forms.FileInput(attrs={"accept": ".csv,.txt"})
    )
