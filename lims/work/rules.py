"""How long failing work waits, and how due work is bounded: pure numbers."""

from typing import Final

#: a failing handler is tried again after 2, 4, 8 … seconds, at most every ten minutes
FIRST_PAUSE_S: Final = 2.0
LONGEST_PAUSE_S: Final = 600.0
#: work of a sweep waits here, so that a single approval does not wait behind a thousand keys
SWEEP_QUEUE: Final = "sweep"
#: beat sends so many due keys a round, fairly over the kinds, and says when such a message is stale
MOST_PER_ROUND: Final = 200
ROUND_S: Final = 2.0
STALE_AFTER_S: Final = 10.0


def pause_s(attempts: int) -> float:
    """Return how long to wait after the `attempts`-th failure, in seconds.

    >>> [pause_s(n) for n in (1, 2, 3, 20)]
    [2.0, 4.0, 8.0, 600.0]
    """
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(max(attempts, 1) - 1, 30))
