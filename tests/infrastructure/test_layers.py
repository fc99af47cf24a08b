"""The Lambda layers as they are built: small, the same every time, and enough for what our code does."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import boto3
import botocore.session
import pytest

from billing.documents import render
from layers import build
from tests.unit.documents.samples import SAMPLES

pytestmark = [pytest.mark.layers, pytest.mark.timeout(300)]

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = REPOSITORY / "layers" / "billing" / "billing" / "documents"
COUNTRIES_OF_ADDRESSES = """
import pycountry
from billing.addresses import countries
assert sum(countries._rules(each.alpha_2) is not None for each in pycountry.countries) > 200
"""
COUNTRIES_OF_TAX_IDENTIFIERS = """
from billing.businesses import tax_ids
assert tax_ids.recognise("DE136695976", None).status == "verified_format"
for country in [*tax_ids._EU.pattern.split("|"), *tax_ids._BY_COUNTRY]:
    tax_ids.recognise("123456789", country)
"""
TIME_ZONES = """
import zoneinfo
zoneinfo.reset_tzpath([])
from pydantic import TypeAdapter
from billing.text import TimeZone
zones = [name for name in zoneinfo.available_timezones() if name != "Factory"]
assert len(zones) > 500
for name in zones:
    assert zoneinfo.ZoneInfo(TypeAdapter(TimeZone).validate_python(name)).key == name
"""
REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2", "cn-north-1", "us-gov-west-1"]


@pytest.fixture(scope="session")
def in_layers(layers: Path) -> Callable[..., str]:
    """Run code in an interpreter with only those layers that all functions have, and more; return its output."""

    def run(code: str, *more: str) -> str:
        paths = [str(layers / name / "python") for name in ("dependencies", "billing", *more)]
        isolated = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {paths!r}\n{code}"]
        ran = subprocess.run(isolated, env={"HOME": "/nonexistent"}, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    return run


@pytest.mark.parametrize(
    "code",
    [
        "import pydantic; pydantic.TypeAdapter(pydantic.EmailStr).validate_python('a@example.org')",
        "from aws_lambda_powertools import Logger, Metrics; Logger(service='billing').info('x')",
        "from aws_lambda_powertools.utilities.batch import BatchProcessor",
        "import pycountry; assert pycountry.countries.get(alpha_2='DE').alpha_3 == 'DEU'",
        "import pycountry; assert pycountry.currencies.get(alpha_3='JPY').name == 'Yen'",
        COUNTRIES_OF_ADDRESSES,
        COUNTRIES_OF_TAX_IDENTIFIERS,
        TIME_ZONES,
        "import billing",
        """from billing.gateway.stripe import opened; v1 = opened('sk_test_1')._client.v1
v1.customers, v1.payment_methods, v1.setup_intents, v1.payment_intents, v1.refunds, v1.disputes, v1.tokens""",
    ],
)
def test_our_imports_work_from_the_layers_alone(in_layers, code):
    in_layers(code)


def test_everything_our_code_imports_anywhere_is_in_the_layers(in_layers):
    drawing = [source for source in our_sources() if DOCUMENTS in source.parents]
    for_all = imports_of(source for source in our_sources() if source not in drawing)
    for_drawing = imports_of(drawing)

    assert for_all
    in_layers("\n".join(for_all))
    assert "import typst" in for_drawing
    in_layers("\n".join(for_drawing), "documents")


def imports_of(sources: Iterable[Path]) -> list[str]:
    return sorted({line for source in sources for line in runtime_imports(ast.parse(source.read_text()))})


def test_an_invoice_from_the_layers_is_that_of_a_developers_machine(in_layers):
    samples = REPOSITORY.joinpath("tests/unit/documents/samples.py").read_text()
    code = f"{samples}\nfrom billing.documents import render\nprint(*[render(each).hex() for each in SAMPLES.values()])"

    drawn = in_layers(code, "documents").split()

    assert drawn == [render(each).hex() for each in SAMPLES.values()]


def test_every_locale_writes_the_same_from_what_is_left_of_it(in_layers):
    code = """
import hashlib
from babel import localedata
from billing.documents import formats
from datetime import date
from decimal import Decimal
said = [
    (locale, [formats.money(-123456, each, locale) for each in ("EUR", "JPY", "BHD", "CHF", "SAR")],
    [formats.day(date(2026, month, 3), locale) + formats.short_day(date(2026, month, 3), locale) for month in (1, 9)],
    formats.number(Decimal("1234.5"), locale), formats.percentage(Decimal("7.7"), locale))
    for locale in sorted(localedata.locale_identifiers())
]
print(len(said), hashlib.sha256(repr(said).encode()).hexdigest())
"""
    whole = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()

    assert in_layers(code, "documents") == whole
    assert int(whole.split()[0]) > 1000


def test_the_licences_of_what_draws_go_with_it(layers):
    licensed = {
        path.parent.parent.name.split("-")[0] for path in layers.glob("documents/python/*.dist-info/licenses/*")
    }

    assert licensed == {"babel", "manimgx_fonts", "manimgx_fonts_cjk", "typst"}


def our_sources() -> list[Path]:
    return [*REPOSITORY.glob("layers/billing/billing/**/*.py"), *REPOSITORY.glob("functions/**/*.py")]


def runtime_imports(node: ast.AST) -> Iterator[str]:
    """Yield every import statement, those inside functions too, but none that is for the type checker."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.Import | ast.ImportFrom) and getattr(node, "module", "") != "__future__":
        yield ast.unparse(node)
    for child in ast.iter_child_nodes(node):
        yield from runtime_imports(child)


def test_swagger_ui_is_there_for_the_documentation_page(layers):
    pages = layers / "dependencies/python/aws_lambda_powertools/event_handler/openapi/swagger_ui"

    assert list(pages.glob("*.js"))


@pytest.mark.parametrize("service", build.SERVICES)
def test_endpoints_are_those_of_the_untrimmed_botocore(in_layers, service):
    code = f"""
import boto3, json
def endpoint(region):
    client = boto3.client({service!r}, region_name=region, aws_access_key_id="x", aws_secret_access_key="x")
    return [client.meta.endpoint_url, client.meta.partition, client._request_signer.signing_name]
print(json.dumps([endpoint(region) for region in {REGIONS!r}]))
"""
    clients = [
        boto3.client(service, region_name=region, aws_access_key_id="x", aws_secret_access_key="x")
        for region in REGIONS
    ]

    assert json.loads(in_layers(code)) == [
        [client.meta.endpoint_url, client.meta.partition, client._request_signer.signing_name] for client in clients
    ]


def test_dynamodb_keeps_every_operation_our_code_calls(in_layers):
    everything = boto3.client("dynamodb", region_name="us-east-1").meta.method_to_api_mapping
    called = {
        everything[node.func.attr]
        for source in our_sources()
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in everything
    }

    names = in_layers(
        "import boto3\n"
        "client = boto3.client('dynamodb', region_name='us-east-1')\n"
        "print(*client.meta.method_to_api_mapping.values())"
    )

    kept = set(names.split())
    assert kept == set(build.OPERATIONS["dynamodb"])
    assert called <= kept


@pytest.mark.parametrize("operation", build.OPERATIONS["dynamodb"])
def test_a_kept_operation_reads_and_answers_as_before(layers, operation):
    def shapes(session: botocore.session.Session) -> list[str]:
        model = session.get_service_model("dynamodb").operation_model(operation)
        return [
            outline(model.input_shape),
            outline(model.output_shape),
            *sorted(e.name for e in model.error_shapes),
        ]

    whole, trimmed = botocore.session.get_session(), botocore.session.get_session()
    trimmed.set_config_variable("data_path", str(layers / "dependencies/python/botocore/data"))

    assert len(trimmed.get_service_model("dynamodb").operation_names) == len(build.OPERATIONS["dynamodb"])
    assert shapes(trimmed) == shapes(whole)


def outline(shape, above=()) -> str:
    """All of a shape that decides how a call is checked, written and read."""
    if shape is None or shape.name in above:
        return str(shape)
    inner = [getattr(shape, name, None) for name in ("key", "value", "member") if shape.type_name in ("map", "list")]
    members = {name: outline(member, (*above, shape.name)) for name, member in getattr(shape, "members", {}).items()}
    parts = [outline(part, (*above, shape.name)) for part in inner if part is not None]
    return f"{shape.name} {shape.type_name} {shape.serialization} {shape.metadata} {members} {parts}"


@pytest.mark.parametrize(
    ("error", "retried"), [("ConditionalCheckFailedException", False), ("ThrottlingException", True)]
)
def test_errors_are_typed_and_throttles_are_retried(in_layers, error, retried):
    code = f"""
import boto3, http.server, json, threading
from botocore.config import Config
answered = []
class Refuse(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        answered.append(1)
        body = json.dumps({{"__type": "com.amazonaws.dynamodb.v20120810#{error}", "message": "no"}}).encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = boto3.client(
    "dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x",
    endpoint_url=f"http://127.0.0.1:{{server.server_port}}",
    config=Config(retries={{"mode": "standard", "total_max_attempts": 2}}),
)
try:
    client.put_item(TableName="t", Item={{"pk": {{"S": "x"}}}})
except client.exceptions.{error}:
    print(len(answered))
"""
    assert in_layers(code) == ("2" if retried else "1")


def test_everything_is_compiled_for_a_folder_that_nobody_can_write(layers):
    sources = list(layers.rglob("*.py"))
    unchecked_hash = (0b01).to_bytes(4, "little")

    assert sources
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"
        bytecode = compiled.read_bytes()
        assert bytecode[4:8] == unchecked_hash, source
        assert str(layers).encode() not in bytecode, source


def test_a_file_that_is_not_as_in_its_wheel_is_found(tmp_path):
    (tmp_path / "certifi-1.dist-info").mkdir()
    (tmp_path / "roots.pem").write_bytes(b"")
    record = "roots.pem,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\ncertifi-1.dist-info/RECORD,,\n"
    (tmp_path / "certifi-1.dist-info" / "RECORD").write_text(record)

    assert build.altered(tmp_path) == []
    (tmp_path / "roots.pem").write_bytes(b"one more")
    assert build.altered(tmp_path) == ["certifi"]


def test_two_builds_are_the_same_byte_for_byte(layers, tmp_path):
    build.build_dependencies(tmp_path / "somewhere else" / "dependencies", "host")
    build.build_documents(tmp_path / "somewhere else" / "documents", "host")
    build.build_billing(tmp_path / "somewhere else" / "billing")

    for name in ("dependencies", "documents", "billing"):
        assert build.archive(tmp_path / "somewhere else" / name) == build.archive(layers / name)


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_the_dependencies_fit_their_budget(tmp_path, architecture):
    build.build_dependencies(tmp_path, architecture)

    assert len(build.archive(tmp_path)) <= build.ZIP_LIMIT_BYTES
    (extension,) = tmp_path.glob("python/pydantic_core/*.so")
    assert {"arm64": "aarch64", "x86_64": "x86_64"}[architecture] in extension.name


@pytest.mark.parametrize(("architecture", "machine"), [("arm64", 0xB7), ("x86_64", 0x3E)])
def test_what_draws_documents_fits_its_budget(layers, tmp_path, architecture, machine):
    build.build_documents(tmp_path / "documents", architecture)

    assert len(build.archive(tmp_path / "documents")) <= build.zip_limit(tmp_path / "documents")
    (extension,) = tmp_path.glob("documents/python/typst/*.so")
    assert int.from_bytes(extension.read_bytes()[18:20], "little") == machine  # as ELF numbers processors
    unpacked = (tmp_path / "documents", layers / "dependencies", layers / "billing")
    sizes = [path.stat().st_size for layer in unpacked for path in layer.rglob("*") if path.is_file()]
    assert sum(sizes) <= build.UNPACKED_LIMIT_BYTES


def test_only_the_layer_that_draws_may_be_large(layers):
    assert build.zip_limit(layers / "documents") == build.DOCUMENTS_ZIP_LIMIT_BYTES
    assert build.zip_limit(layers / "dependencies") == build.zip_limit(layers / "billing") == build.ZIP_LIMIT_BYTES
