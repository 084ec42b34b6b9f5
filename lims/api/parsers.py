"""Reading what is sent to the API."""

import json
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class BoundedJSONParser(JSONParser):
    """JSON that Python or PostgreSQL could not hold is refused by name, like every other JSON that cannot be read."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return what was sent. Raises `ParseError`."""
        content = stream.read()
        try:
            found = super().parse(BytesIO(content), media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        # Half of a sign that takes two (U+D800 to U+DFFF) can be written in JSON, but is no text anywhere else.
        if b"\\ud" in content.lower() and not _is_text(found):
            raise ParseError("The JSON has half a sign in it: a surrogate without its other half.")
        return found


def _is_text(found: Any) -> bool:
    """Return whether everything in what was read can be written as UTF-8."""
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
