"""The commands of `python -m local`."""

import json
import signal
import sys
from pathlib import Path
from typing import Any

import boto3
import click
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from mypy_boto3_lambda import LambdaClient

from local import seeds, tail
from local.clients import CREDENTIALS, Clients, Endpoints
from local.redrive import redrive as redrive_bucket
from local.runtime import RECORD, Options
from local.runtime import run as run_system
from local.template import REGION

ROOT = Path(__file__).resolve().parent.parent

_state_directory = click.option(
    "--state-dir",
    type=click.Path(path_type=Path),
    default=ROOT / ".local",
    envvar="LOCAL_STATE_DIR",
    help="Where state and logs are kept (.local).",
)


@click.group()
def main() -> None:
    """Run the whole system on this machine, and work with it while it runs."""


@main.command()
@click.option("--port", envvar="PORT", default=3000, show_default=True, help="Port of the API; 0 picks a free one.")
@click.option("--workers", default=6, show_default=True, help="How many invocations may run at once.")
@click.option(
    "--dynamodb",
    type=click.Choice(["ministack", "local"]),
    envvar="DYNAMODB",
    default="ministack",
    show_default=True,
    help="What plays DynamoDB: ministack, or AWS's own DynamoDB Local.",
)
@click.option(
    "--state",
    type=click.Choice(["keep", "memory"]),
    default="keep",
    show_default=True,
    help="Keep state for the next run, or forget it at the end.",
)
@click.option("--fresh", is_flag=True, envvar="FRESH", help="Start empty.")
@click.option("--template", type=click.Path(exists=True, path_type=Path), default=ROOT / "template.yaml")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="A template parameter's value.")
@click.option(
    "--ministack-python",
    type=click.Path(path_type=Path),
    envvar="MINISTACK_PYTHON",
    default=ROOT / ".venv-ministack" / "bin" / "python",
    help="The interpreter that has ministack.",
)
@click.option("--stop-at-eof", is_flag=True, hidden=True, help="Stop when standard input closes.")
@_state_directory
def run(
    *,
    port: int,
    workers: int,
    dynamodb: str,
    state: str,
    fresh: bool,
    template: Path,
    parameters: tuple[str, ...],
    ministack_python: Path,
    stop_at_eof: bool,
    state_dir: Path,
) -> None:
    """Run the system until Ctrl-C."""
    run_system(
        Options(
            root=template.resolve().parent,
            template=template.resolve(),
            state_directory=state_dir.resolve(),
            ministack_python=ministack_python.absolute(),
            dynamodb_local_home=ROOT / ".local" / "dynamodb-local",
            port=port,
            workers=workers,
            dynamodb_local=dynamodb == "local",
            keeps_state=state == "keep",
            fresh=fresh,
            stops_at_eof=stop_at_eof,
            parameters=dict(parameter.split("=", 1) for parameter in parameters),
        )
    )


@main.command()
@click.argument("function")
@click.option("-e", "--event", type=click.File(), help="File with the JSON event; - reads standard input.")
@click.option("--async", "asynchronous", is_flag=True, help="Do not wait for an answer.")
@_state_directory
def invoke(function: str, event: Any, asynchronous: bool, state_dir: Path) -> None:
    """Call FUNCTION of the running system and print its answer."""
    payload = event.read() if event else "{}"
    _invoke(_lambdas(_running(state_dir)), function, payload, asynchronous=asynchronous)


@main.command("mint-key")
@click.option("--merchant-id", default=seeds.DEMO, show_default=True)
@click.option("--merchant-name", default="Demo", show_default=True)
@click.option("--mode", type=click.Choice(["sandbox", "live"]), default="sandbox", show_default=True)
@click.option("--scope", "scopes", multiple=True, default=("*",), show_default=True, help="May be given again.")
@click.option("--name", default="minted locally", show_default=True, help="What the key is for.")
@click.option("--key", help="The key itself; one is generated if this is left out.")
@_state_directory
def mint_key(
    *,
    merchant_id: str,
    merchant_name: str,
    mode: str,
    scopes: tuple[str, ...],
    name: str,
    key: str | None,
    state_dir: Path,
) -> None:
    """Make an API key for a merchant of the running system."""
    request = {
        "merchant_id": merchant_id,
        "merchant_name": merchant_name,
        "mode": mode,
        "scopes": scopes,
        "name": name,
    }
    if key:
        request["key"] = key
    _invoke(_lambdas(_running(state_dir)), seeds.FUNCTION, json.dumps(request))


@main.command()
@click.option("--bucket", help="The on-failure bucket; the running system's own if left out.")
@click.option("--function-prefix", default="", help="Only functions whose name begins so.")
@click.option("--aws", is_flag=True, help="On AWS, with the credentials and region of your environment.")
@_state_directory
def redrive(bucket: str | None, function_prefix: str, aws: bool, state_dir: Path) -> None:
    """Send failed records through once more; fails if any remain."""
    if aws:
        if not bucket:
            raise click.UsageError("--aws needs --bucket")
        session = boto3.session.Session()
        s3, lambdas = session.client("s3"), session.client("lambda", config=_PATIENT)
        buckets = [bucket]
    else:
        running = _running(state_dir)
        s3, lambdas = _clients(running).s3, _lambdas(running)
        buckets = [bucket] if bucket else running["undelivered_buckets"]
    results = [redrive_bucket(s3, lambdas, name, function_prefix) for name in buckets]
    remaining = sum(result.remaining for result in results)
    click.echo(f"{sum(result.done for result in results)} sent through, {remaining} remain")
    sys.exit(1 if remaining else 0)


@main.command()
@click.option("--bus", "buses", multiple=True, help="A bus; those of the template if left out.")
@click.option("--json", "as_json", is_flag=True, help="One whole event per line.")
@_state_directory
def events(buses: tuple[str, ...], as_json: bool, state_dir: Path) -> None:
    """Show the events of the running system as they are published."""
    running = _running(state_dir)
    watched = list(buses) or running["buses"] or ["default"]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with tail.events(_clients(running), watched) as arriving:
            click.echo(f"Watching {', '.join(watched)}; Ctrl-C ends it", err=True)
            for event in arriving:
                click.echo(json.dumps(event) if as_json else _shown(event))
    except KeyboardInterrupt:
        return
    except EndpointConnectionError:
        sys.exit("the system has stopped")


def _shown(event: dict[str, Any]) -> str:
    return f"{event['time']}  {event['detail-type']}\n{json.dumps(event['detail'], indent=2, ensure_ascii=False)}"


_PATIENT = Config(read_timeout=900, retries={"total_max_attempts": 1})


def _running(state_directory: Path) -> dict[str, Any]:
    """Return the record of the running system."""
    try:
        record: dict[str, Any] = json.loads((state_directory / RECORD).read_text())
    except FileNotFoundError:
        raise click.ClickException("nothing runs here; start it with `make run`") from None
    return record


def _clients(running: dict[str, Any]) -> Clients:
    return Clients(Endpoints(running["aws_url"], running["dynamodb_url"]))


def _lambdas(running: dict[str, Any]) -> LambdaClient:
    return boto3.client(
        "lambda",
        endpoint_url=running["url"],
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=_PATIENT,
    )


def _invoke(lambdas: LambdaClient, function: str, payload: str, *, asynchronous: bool = False) -> None:
    try:
        answer = lambdas.invoke(
            FunctionName=function,
            InvocationType="Event" if asynchronous else "RequestResponse",
            Payload=payload.encode(),
        )
    except EndpointConnectionError:
        raise click.ClickException("nothing runs here; start it with `make run`") from None
    except lambdas.exceptions.ResourceNotFoundException as error:
        raise click.ClickException(str(error)) from None
    if not asynchronous:
        click.echo(json.dumps(json.loads(answer["Payload"].read()), indent=2, ensure_ascii=False))
    sys.exit(1 if answer.get("FunctionError") else 0)
