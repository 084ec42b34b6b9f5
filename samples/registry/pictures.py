"""Pictures as they are kept: read whole, no larger than a phone makes them, and without a place inside. No database."""

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from lims.errors import Invalid, invalid
from samples.registry.rules import LARGEST_PHOTOGRAPH_BYTES, LARGEST_PHOTOGRAPH_PX

#: what comes in: a camera's picture at most; what is kept is far smaller
LARGEST_UPLOAD_BYTES: Final = 20_000_000
MOST_PIXELS: Final = 60_000_000
FORMATS: Final = {"JPEG": "image/jpeg", "PNG": "image/png"}
QUALITIES: Final = (88, 80, 72, 60, 45)
#: where a place, a name or a device's number may stand in a picture
TELLING: Final = frozenset(
    {"exif", "xmp", "photoshop", "comment", "XML:com.adobe.xmp", "Raw profile type exif"}
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept: its bytes, type, width and height in px."""

    content: bytes
    media_type: str
    width: int
    height: int


def tidy(content: bytes) -> Picture:
    """Return a picture as it is kept: at most 1600 px and 400 kB, upright, without EXIF (place, device).

    One that is so already is kept byte for byte. Raises `Invalid` ("photograph-empty", "photograph-too-large",
    "photograph-unreadable").

    >>> out = io.BytesIO(); Image.new("RGB", (3200, 1600), "white").save(out, "PNG")
    >>> kept = tidy(out.getvalue()); kept.width, kept.height, kept.media_type
    (1600, 800, 'image/jpeg')
    """
    if not content:
        raise _unfit("photograph-empty", "The file is empty.", "Take the photograph again.")
    if len(content) > LARGEST_UPLOAD_BYTES:
        raise _unfit("photograph-too-large", "The file is over 20 MB.", "Send a smaller picture.")
    image = _opened(content)
    plain = not image.info.keys() & TELLING and not getattr(image, "text", None)
    within = max(image.size) <= LARGEST_PHOTOGRAPH_PX and len(content) <= LARGEST_PHOTOGRAPH_BYTES
    if plain and within and image.mode in {"RGB", "L", "RGBA", "P", "1"}:
        return Picture(content, FORMATS[image.format or ""], *image.size)
    return _smaller(ImageOps.exif_transpose(image))


def _unfit(code: str, message: str, remedy: str) -> Invalid:
    return invalid(code, message, remedy, field="photograph")


def _opened(content: bytes) -> Image.Image:
    """Return the picture, read to its end: half a file is no picture."""
    try:
        image = Image.open(io.BytesIO(content), formats=list(FORMATS))
        if image.width * image.height > MOST_PIXELS:
            raise _unfit(
                "photograph-too-large", "The picture has over 60 million pixels.", "Send a smaller one."
            )
        image.load()
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        IndexError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise _unfit(
            "photograph-unreadable", "This is no whole JPEG or PNG picture.", "Take it again."
        ) from error
    return image


def _smaller(image: Image.Image) -> Picture:
    """Return the picture anew as JPEG, within the bounds; a transparent one on white."""
    if image.mode not in {"RGB", "L"}:
        white = Image.new("RGB", image.size, "white")
        clear = image.convert("RGBA")
        white.paste(clear, mask=clear.getchannel("A"))
        image = white
    image.thumbnail((LARGEST_PHOTOGRAPH_PX, LARGEST_PHOTOGRAPH_PX))
    while True:
        for quality in QUALITIES:
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality, optimize=True, exif=b"", comment=b"")
            if out.tell() <= LARGEST_PHOTOGRAPH_BYTES:
                return Picture(out.getvalue(), "image/jpeg", *image.size)
        image = image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4)))
