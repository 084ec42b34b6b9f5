"""Proof of life of a worker: a session advisory lock on a connection of its own.

PostgreSQL lets go of the lock the moment the process dies, however it dies; a claim whose lock is gone is stale at once,
long before its lease runs out.
"""

import atexit
import contextlib
import os
import secrets
import threading
from typing import Final

import psycopg
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

#: the class of our advisory locks (any number that nobody else uses): "work"
LOCK_CLASS: Final = 0x776F726B


class _Life:
    """The lock of one process; a fork makes its own."""

    def __init__(self) -> None:
        self.pid = 0
        self.number = 0
        self.connection: psycopg.Connection | None = None
        self.guard = threading.Lock()

    def number_now(self) -> int:
        """Return the number of this process's lock, taken at first use and taken again when it was lost."""
        with self.guard:
            if self.pid != os.getpid():
                # The parent's connection is not ours to close.
                self.connection, self.pid = None, os.getpid()
            if self.connection is None or not self._alive(self.connection):
                self._take()
            return self.number

    def let_go(self) -> None:
        """Close the connection, and with it the lock."""
        with self.guard:
            if self.connection is not None and self.pid == os.getpid():
                self.connection.close()
            self.connection = None

    @staticmethod
    def _alive(connection: psycopg.Connection) -> bool:
        try:
            connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def _take(self) -> None:
        if self.connection is not None:
            with contextlib.suppress(psycopg.Error):
                self.connection.close()
        wrapper = connections["default"]
        assert isinstance(wrapper, DatabaseWrapper)
        parameters = wrapper.get_connection_params() | {
            "autocommit": True,
            "application_name": "lims worker life",
        }
        for unwanted in ("cursor_factory", "context", "prepare_threshold"):
            parameters.pop(unwanted, None)
        self.connection = psycopg.connect(**parameters)
        self.number = secrets.randbelow(2**31)
        self.connection.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK_CLASS, self.number])


_life = _Life()
atexit.register(_life.let_go)


def number() -> int:
    """Return the number of the advisory lock that this process holds while it lives."""
    return _life.number_now()


def let_go() -> None:
    """Give the lock back: what this process still claims is due at once. It takes a new one when it needs it."""
    _life.let_go()


def gone(claim: str) -> str:
    """Return SQL for "the holder of this claim is dead"; `claim` is the table's alias.

    A claim without a holder is judged by its lease alone.
    """
    return (
        f"({claim}.holder IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_locks zq_l"  # noqa: S608  # our own constants
        f" WHERE zq_l.locktype = 'advisory' AND zq_l.classid = {LOCK_CLASS} AND zq_l.objid = {claim}.holder::oid"
        " AND zq_l.objsubid = 2 AND zq_l.granted AND zq_l.database ="
        " (SELECT zq_d.oid FROM pg_catalog.pg_database zq_d WHERE zq_d.datname = pg_catalog.current_database())))"
    )
