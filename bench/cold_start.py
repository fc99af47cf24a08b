"""Cold start: importing a function's module from the built layers, against opening a bare boto3 client.

Both run in fresh interpreters with the same environment, in turns (floor, function, floor, function, …), so that
whatever else the machine does falls on both. Taken is the processor time of the import, without the interpreter's
own start: importing waits for nothing but files, and those are in the page cache here.

The floor is boto3 as pip installs it, its bytecode compiled; the first row says what the layer's trimmed boto3 comes
to. The function's own file is compiled each time, as it is on Lambda: `sam build` leaves bytecode out.
"""

import statistics
from collections.abc import Iterator, Mapping

from bench.lambdas import Interpreter, NotMeasurable, deployed, interpreter_of, module_of, plain_interpreter
from bench.progress import progress
from bench.results import Row

BUDGET = 1.30
PAIRS = 15

FLOOR = '__import__("boto3").client("dynamodb")'

EXEMPT: Mapping[str, str] = {}
"""Functions without a budget, by logical id, and why: those that load a gateway's or a PDF library."""


def measure() -> Iterator[Row]:
    """Yield one row per function of the template, after one that says what the layers make of the floor itself."""
    of_layers = 1.0
    for name, function in [("boto3 of the layer", None), *deployed().items()]:
        budget = BUDGET if function and name not in EXEMPT else None
        floor_environment = function or next(iter(deployed().values()))
        try:
            floor = plain_interpreter(floor_environment)
            layered = interpreter_of(floor_environment)
            expression = f"__import__({module_of(function)!r})" if function else FLOOR
            ratio, milliseconds, floor_milliseconds = _paired(floor, layered, expression, name)
        except NotMeasurable as error:
            yield Row("cold start", name, None, "x", budget, str(error))
            continue
        note = f"{milliseconds:.0f} ms; plain boto3.client {floor_milliseconds:.0f} ms"
        if function is None:
            of_layers = ratio
        else:
            note += f"; {ratio / of_layers:.2f} x the layer's own boto3.client"
        if name in EXEMPT:
            note += f"; exempt: {EXEMPT[name]}"
        yield Row("cold start", name, ratio, "x", budget, note)


def _paired(floor: Interpreter, other: Interpreter, expression: str, name: str) -> tuple[float, float, float]:
    """Return the median of the pairs' ratios, and the medians of both in milliseconds."""
    progress(f"cold start of {name}, {PAIRS} pairs")
    pairs: list[tuple[float, float]] = [
        (floor.run("opening", FLOOR), other.run("opening", expression)) for _ in range(PAIRS + 1)
    ][1:]  # the first pair brings the files into the page cache
    return (
        statistics.median(after / before for before, after in pairs),
        statistics.median(after for _, after in pairs),
        statistics.median(before for before, _ in pairs),
    )
