"""Doing everything that is due, here and now: the demonstration is loaded before any worker runs."""

from typing import Final

from lims.work import claims, queries, runner

#: what nobody waits for: workers print reports and send e-mails once they run
LEFT: Final = frozenset({"assays.make_report", "assays.notify_decision"})


def do_due(*, rounds: int = 50) -> int:
    """Do due work until nothing is left but what nobody waits for, and return how much was done.

    Raises `RuntimeError` when a handler fails, or when it does not end.
    """
    done = 0
    for _ in range(rounds):
        found = [one for one in claims.due(most=500) if one[0] not in LEFT]
        if not found:
            return done
        # Decisions last: what comes before them would only ask for them again.
        first = [one for one in found if one[0] != "assays.decide_batch"] or found
        for kind, key, _ in first:
            done += runner.look(kind, key)
        failed = queries.overview().failed
        if failed:
            raise RuntimeError("\n".join(f"{one.kind} {one.key}: {one.error}" for one in failed))
    raise RuntimeError("Work comes back again and again: " + ", ".join(sorted({one[0] for one in found})))
