"""Headers of static files that need some of their own."""

from typing import Final

#: the one script that may compile WebAssembly (the tag scanner): a worker, which no page's policy reaches
SCANNER: Final = "/static/field/scan-worker.js"
SCANNER_POLICY: Final = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"


def add(headers: dict[str, str], path: str, url: str) -> None:  # noqa: ARG001  # WhiteNoise gives all three
    """Give every file the type it says, and the scanner its policy.

    >>> headers = {}
    >>> add(headers, "", SCANNER)
    >>> headers["Content-Security-Policy"] == SCANNER_POLICY
    True
    """
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = SCANNER_POLICY if url == SCANNER else "default-src 'none'"
