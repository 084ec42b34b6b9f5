"""The decision on JSON over the API: the same as `manage.py grade_preview`; writes nothing."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assays.grading.previewing import preview, read_json
from lims.errors import invalid

#: enough for as many samples as are decided at once
MOST_BYTES: Final = 20 * 1024**2


class ExactJSON(BaseParser):
    """JSON as it stands: NaN, infinity and a name given twice are refused, not understood somehow."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return what was sent. Raises `Invalid` ("json-malformed", "too-large")."""
        content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            most = f"Send {MOST_BYTES // 1024**2} MiB at most."
            raise invalid("too-large", "What was sent is too large.", most)
        return read_json(content)


class GradePreview(APIView):
    """What a batch would come to."""

    access: ClassVar[Mapping[str, str]] = {"post": "grading.preview"}
    parser_classes = (ExactJSON,)

    @extend_schema(
        request=OpenApiTypes.OBJECT,
        responses=OpenApiTypes.OBJECT,
        operation_id="grade_preview",
        description="Decide a case, or a list of cases, as METHODS.md section 4 describes them. Nothing is written.",
    )
    def post(self, request: Request) -> Response:
        """Decide what is sent, without writing anything."""
        return Response(preview(request.data))
