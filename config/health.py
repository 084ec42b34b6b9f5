"""Is the process alive, and can it work? For proxies, supervisors and people."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lims.web.access import page
from lims.work import heartbeat


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _redis() -> str:
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as client:
        client.ping()
    return ""


def _migrations() -> str:
    executor = MigrationExecutor(connections["default"])
    left = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(left)} migrations are not applied: run `manage.py migrate --database owner`" if left else ""


def _beat() -> str:
    age_s = heartbeat.age_s()
    if age_s is None:
        return "no heartbeat yet: are beat and a worker running?"
    limit_s = heartbeat.LATE_AFTER_S
    return (
        f"the last heartbeat is {age_s:.0f} s old (limit {limit_s} s): is beat or every worker stopped?"
        if age_s > limit_s
        else ""
    )


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "redis": _redis,
    "migrations": _migrations,
    "heartbeat": _beat,
}


@never_cache
@require_safe
@page("anyone")
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer that the process lives; touches nothing."""
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
@require_safe
@page("anyone")
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, Redis, migrations and heartbeat are in order, else 503 naming what is not."""
    failures: dict[str, str] = {}
    for name, check in CHECKS.items():
        try:
            failure = check()
        except Exception as error:  # noqa: BLE001  # whatever it is, the answer is "not ready", with its name
            failure = f"{type(error).__name__}"
        if failure:
            failures[name] = failure
    return JsonResponse({"ready": not failures, "failures": failures}, status=503 if failures else 200)
