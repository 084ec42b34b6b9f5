"""What every page shows around itself."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from lims.web.navigation import for_phone, places_for
from lims.web.queries import unread_count


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the person's places and unread notices; nothing is asked of the database before a page shows it."""
    user = getattr(request, "user", None)
    known = user is not None and user.is_authenticated

    def rail() -> dict[str, Any]:
        places = places_for(user)
        bar, more = for_phone(places)
        current = next((place for place in places if place.holds(request.path)), None)
        return {"places": places, "bar": bar, "more": more, "current": current}

    return {
        "rail": SimpleLazyObject(rail),
        "unread_notices": SimpleLazyObject(lambda: unread_count(user) if known else 0),
    }
