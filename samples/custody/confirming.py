"""How the one who takes over says so: by PIN, by personal code, or by a signature drawn on the screen."""

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PIL import Image, UnidentifiedImageError

from lims import files
from lims.accounts.handover import against_code, whose_code
from lims.accounts.models import User
from lims.errors import Invalid, invalid
from samples.custody.rules import ConfirmedHow
from samples.registry.arguments import one_of

#: a drawn signature is a small picture
LARGEST_SIGNATURE_BYTES: Final = 100_000
LARGEST_SIGNATURE_PX: Final = 2000


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the one who takes over gave: `secret` with PIN and QR, `signature` as PNG."""

    how: str
    secret: str = ""
    signature: bytes = b""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What became of it: confirmed how and when, the signature's SHA-256, or why it is not confirmed."""

    how: str = ""
    at: datetime | None = None
    signature_sha256: str = ""
    refusal: Invalid | None = None


class NotConfirmed(Invalid):
    """The receiver did not confirm; `guessed` is whose PIN or code was tried in vain, for counting."""

    guessed: User | None = None


def taker_of(confirmation: Confirmation | None) -> User | None:
    """Return whose personal code was scanned: it says who takes over as well."""
    if confirmation is None or confirmation.how != ConfirmedHow.QR:
        return None
    return whose_code(confirmation.secret.strip())


def confirmed(confirmation: Confirmation | None, *, person: User | None, at: datetime) -> Confirmed:
    """Return whether the receiver confirmed: a person of ours by PIN, code or signature, an outsider by signature.

    Belongs into a verb: wrong ones are counted. Refusals: "choice-unknown", "confirmation-needs-person",
    "signature-missing", "signature-too-large", "signature-unreadable", "signature-empty", and those of `against_code`.
    """
    if confirmation is None:
        return Confirmed()
    try:
        how = one_of(ConfirmedHow, confirmation.how, field="how")
        if how == ConfirmedHow.SIGNATURE:
            return Confirmed(how, at, _kept(confirmation.signature))
    except Invalid as error:
        return Confirmed(refusal=error)
    if person is None:
        unfit = invalid(
            "confirmation-needs-person",
            "Only people who sign in here have a PIN or a code.",
            "Let them sign on the screen.",
            field="how",
        )
        return Confirmed(refusal=unfit)
    wrong = against_code(person, how=how, secret=confirmation.secret)
    return Confirmed(refusal=wrong) if wrong is not None else Confirmed(how, at)


def _kept(content: bytes) -> str:
    """Return the SHA-256 of a drawn signature, which is in the store of files then. Raises `Invalid`."""
    if not content:
        raise _unfit("signature-missing", "Nobody signed.")
    if len(content) > LARGEST_SIGNATURE_BYTES:
        raise _unfit("signature-too-large", "The signature is over 100 kB.")
    try:
        image = Image.open(io.BytesIO(content), formats=["PNG"])
        if max(image.size) > LARGEST_SIGNATURE_PX:
            raise _unfit("signature-too-large", f"The signature is over {LARGEST_SIGNATURE_PX} px wide.")
        drawn = image.convert("RGBA")
        one_colour = drawn.getcolors(1) is not None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise _unfit("signature-unreadable", "The signature is no whole PNG picture.") from error
    if one_colour:
        raise _unfit("signature-empty", "The field is empty.")
    return files.put(content)


def _unfit(code: str, message: str) -> Invalid:
    return invalid(code, message, "Sign again in the field.", field="signature")
