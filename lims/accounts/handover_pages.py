"""One's own PIN and personal code, with which one confirms hand-overs on somebody else's screen."""

import segno
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lims.accounts import handover
from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.errors import DomainError
from lims.web.access import page
from lims.web.forms import add_problems


class PinForm(forms.Form):
    """A PIN, typed twice."""

    pin = forms.CharField(
        label="New PIN",
        max_length=8,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"}),
        help_text="4 to 8 digits. You type it on the phone of whoever hands you bags.",
    )
    again = forms.CharField(
        label="The same again",
        max_length=8,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """Return the second one. Raises `ValidationError` when the two differ."""
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("pin"):
            raise forms.ValidationError("The two differ. Type both again.")
        return again


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page("signed-in")
def hand_over_code(request: HttpRequest) -> HttpResponse:
    """Show what one confirms hand-overs with, and set the PIN."""
    user = person(request)
    form = PinForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            handover.set_pin(actor=user, pin=form.cleaned_data["pin"])
        except DomainError as error:
            add_problems(form, error)
        else:
            messages.success(request, "Your PIN is set. Tell it nobody; type it yourself.")
            return redirect("people:hand_over_code")
    return _shown(request, user, form, status=422 if form.is_bound else 200)


def _shown(
    request: HttpRequest, user: User, form: PinForm, *, status: int = 200, secret: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "code": handover.code_of(user),
        "secret": secret,
        "qr": _picture(secret) if secret else "",
        "tries": handover.TRIES,
        "minutes": handover.LOCKED_FOR.seconds // 60,
    }
    return render(request, "accounts/handover.html", context, status=status)


def _picture(secret: str) -> SafeString:
    """Return the code as it is printed on a card: large enough for a phone's camera at arm's length."""
    # Made by us of letters and digits; nothing that anybody typed is in it.
    return mark_safe(segno.make(secret, error="m", micro=False).svg_inline(scale=6, border=4))  # noqa: S308


@never_cache
@require_POST
@page("signed-in")
def renew_hand_over_code(request: HttpRequest) -> HttpResponse:
    """Make oneself a new personal code and show it this once."""
    user = person(request)
    return _shown(request, user, PinForm(), secret=handover.renew_code(actor=user))


@require_POST
@page("signed-in")
def forget_hand_over_code(request: HttpRequest) -> HttpResponse:
    """End one's PIN and personal code."""
    handover.forget_codes(actor=person(request))
    messages.success(request, "PIN and personal code are gone.")
    return redirect("people:hand_over_code")
