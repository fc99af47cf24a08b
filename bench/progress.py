"""Say what is being done, beside the table: on standard error, and only while it goes on."""

import sys


def progress(text: str) -> None:
    """Show `text` in place of what was shown before; where nobody watches, one line each."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)


def done() -> None:
    """Clear what was shown."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
