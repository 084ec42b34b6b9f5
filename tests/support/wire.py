"""A line between a browser and the site that can be cut in the middle: what a mountain road does to a connection."""

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CHUNK = 16_384


@dataclass(eq=False)
class Wire:
    """A line to `site`; it breaks when it was told to, and whenever it is told to again."""

    site: str
    listener: socket.socket = field(init=False)
    #: bytes that still pass in one direction before the line breaks; None: it holds
    sending: int | None = None
    answering: int | None = None
    broken: int = 0
    open: bool = True
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))

    @property
    def address(self) -> str:
        """Return where a browser finds the site through this line."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def break_sending(self, after: int) -> None:
        """Let the line break once `after` more bytes were sent to the site."""
        with self._lock:
            self.sending = after

    def break_answering(self, after: int) -> None:
        """Let the line break once `after` more bytes of answers came back: the site has done what was asked."""
        with self._lock:
            self.answering = after

    def run(self) -> None:
        """Take connections until the line is closed."""
        while self.open:
            with suppress(OSError):
                near, _ = self.listener.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _passes(self, data: bytes, *, up: bool) -> bytes:
        """Return what of `data` still passes; the line breaks when that is not all."""
        with self._lock:
            left = self.sending if up else self.answering
            if left is None:
                return data
            if len(data) < left:
                if up:
                    self.sending = left - len(data)
                else:
                    self.answering = left - len(data)
                return data
            self.broken += 1
            if up:
                self.sending = None
            else:
                self.answering = None
            return data[:left]

    def _carry(self, near: socket.socket) -> None:
        parts = urlsplit(self.site)
        with near, socket.create_connection((parts.hostname or "", parts.port or 80)) as far:
            watch = selectors.DefaultSelector()
            watch.register(near, selectors.EVENT_READ, far)
            watch.register(far, selectors.EVENT_READ, near)
            with watch, suppress(OSError):
                while True:
                    for key, _ in watch.select():
                        source, target = key.fileobj, key.data
                        assert isinstance(source, socket.socket)
                        data = source.recv(CHUNK)
                        passed = self._passes(data, up=source is near)
                        if passed:
                            target.sendall(passed)
                        if not data or len(passed) < len(data):
                            return


@contextmanager
def wire(site: str) -> Iterator[Wire]:
    """Lay a line to the site; it is taken away at the end."""
    line = Wire(site)
    threading.Thread(target=line.run, daemon=True).start()
    try:
        yield line
    finally:
        line.open = False
        line.listener.close()
