"""Addresses of sign-in: those of the library that are wanted here, each with its access."""

from collections.abc import Iterable, Iterator

from allauth.account import urls as account
from allauth.mfa import urls as second_factor
from django.urls import URLPattern, URLResolver, path

from lims.web.access import page

#: name of the library's address → who may open it; what is not listed is not served
ACCESS = {
    "account_login": "anyone",
    "account_logout": "anyone",
    "account_inactive": "anyone",
    "account_signup": "anyone",  # answers that people come by invitation
    "account_reauthenticate": "signed-in",
    "account_change_password": "signed-in",
    "account_set_password": "signed-in",  # where the one above sends whoever has no password yet
    "account_reset_password": "anyone",
    "account_reset_password_done": "anyone",
    "account_reset_password_from_key": "anyone",
    "account_reset_password_from_key_done": "anyone",
    "mfa_index": "signed-in",
    "mfa_authenticate": "anyone",
    "mfa_reauthenticate": "signed-in",
    "mfa_activate_totp": "signed-in",
    "mfa_deactivate_totp": "signed-in",
    "mfa_view_recovery_codes": "signed-in",
    "mfa_generate_recovery_codes": "signed-in",
    "mfa_download_recovery_codes": "signed-in",
}


def wanted(patterns: Iterable[URLPattern | URLResolver], prefix: str = "") -> Iterator[URLPattern]:
    """Yield the wanted addresses of the library, flattened, each declaring its access."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from wanted(pattern.url_patterns, prefix + str(pattern.pattern))
        elif pattern.name in ACCESS:
            declared = page(ACCESS[pattern.name])(pattern.callback)
            if prefix:
                yield path(prefix + str(pattern.pattern), declared, pattern.default_args, name=pattern.name)
            else:
                yield URLPattern(pattern.pattern, declared, pattern.default_args, pattern.name)


urlpatterns = [*wanted(account.urlpatterns), *wanted(second_factor.urlpatterns, "second-factor/")]
