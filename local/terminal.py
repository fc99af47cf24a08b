"""What the runtime itself says on the terminal."""

import sys


def say(text: str) -> None:
    """Print a line at once, whatever standard output is connected to."""
    print(text, file=sys.stdout, flush=True)
