"""What the tests of the shell share."""

import pytest
from django.urls import get_resolver


@pytest.fixture(autouse=True, scope="session")
def _features_have_registered():
    """Read the URL table: the pages register their places and finders as they are imported.

    Otherwise the first request would do it, perhaps inside a test that put another register in place.
    """
    assert get_resolver().url_patterns
