"""Write the OpenAPI document: `python -m scripts.openapi`, or `--check` that it is up to date."""

import argparse
import difflib
import sys

from scripts.openapi.document import TARGET, document, text_of
from scripts.openapi.routes import routes


def main() -> int:
    """Write or check the document; 1 when it was out of date."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail and show what differs")
    check = parser.parse_args().check
    written = TARGET.read_text() if TARGET.exists() else ""
    fresh = text_of(document(routes()))
    if fresh == written:
        return 0
    name = TARGET.name
    if check:
        lines = (written.splitlines(keepends=True), fresh.splitlines(keepends=True))
        sys.stdout.writelines(difflib.unified_diff(*lines, name, "the endpoints"))
        print(f"{name} is out of date: make openapi", file=sys.stderr)
        return 1
    TARGET.write_text(fresh)
    print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
