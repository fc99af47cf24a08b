"""Resident memory of a function: a fresh interpreter that imports it from the built layers and serves its sample event.

DynamoDB is the canned endpoint, so a call may end early where it finds nothing; a list's page of a hundred customers
weighs some 1 MB more.
"""

from collections.abc import Iterator

from bench.canned import endpoint
from bench.lambdas import ROOT, NotMeasurable, deployed, interpreter_of, module_of
from bench.progress import progress
from bench.results import Row
from local.functions import Function

BUDGET_MB = 110


def measure() -> Iterator[Row]:
    """Yield one row per function of the template."""
    with endpoint() as url:
        for name, function in deployed().items():
            progress(f"memory of {name}")
            try:
                peak_mb, note = _peak(function, url)
            except NotMeasurable as error:
                yield Row("resident memory", name, None, "MB", BUDGET_MB, str(error))
                continue
            yield Row("resident memory", name, peak_mb, "MB", BUDGET_MB, note)


def _peak(function: Function, url: str) -> tuple[float, str]:
    module = module_of(function)
    sample = ROOT / "events" / f"{module.replace('.', '/')}.json"
    if not sample.exists():
        raise NotMeasurable(f"no sample {sample.relative_to(ROOT)}")
    interpreter = interpreter_of(function, AWS_ENDPOINT_URL=url)
    outcome = interpreter.run("calling", module, function.handler.rpartition(".")[2], given=sample.read_text())
    return outcome["memory_mb"], f"answered {outcome['status']}" if outcome["status"] else ""
