"""Is this container well? `python deploy/healthy.py web|worker|beat` ends with 0 when it is, and says why when not."""  # a script, run by its path

import os
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path


def web() -> str:
    """Return what /readyz misses: database, Redis, migrations, heartbeat."""
    # Straight to ourselves, whatever proxy the container has for others.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://localhost:{os.environ.get('PORT') or 8000}/readyz", timeout=8):
            return ""
    except urllib.error.HTTPError as answer:
        return answer.read().decode(errors="replace")[:500]
    except OSError as error:
        return f"no answer: {error}"


def worker() -> str:
    """Return whether this machine's worker does not answer a ping."""
    from config.celery import app  # noqa: PLC0415  # only this check needs it

    name = f"celery@{socket.gethostname()}"
    return "" if app.control.ping(destination=[name], timeout=5) else f"{name} does not answer"


def beat() -> str:
    """Return whether the heartbeat, which beat sends and a worker writes, is late."""
    import django  # noqa: PLC0415  # only this check needs it

    django.setup()
    from lims.work import heartbeat  # noqa: PLC0415  # after Django's set-up

    age_s = heartbeat.age_s()
    if age_s is None:
        return "there has been no heartbeat"
    return "" if age_s <= heartbeat.LATE_AFTER_S else f"the last heartbeat is {age_s:.0f} s old"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    missing = {"web": web, "worker": worker, "beat": beat}[sys.argv[1]]()
    sys.exit(missing or 0)
