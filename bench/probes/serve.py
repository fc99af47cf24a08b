"""A DynamoDB endpoint that answers at once: `serve.py`. Prints its port, ends when its input does.

Any customer and any API key that is asked for exists; reads of anything else find nothing and writes succeed. It is for
what a function costs without DynamoDB: a process of its own, so that its work is not counted as the function's.
"""

import asyncio
import json
import sys
import zlib
from typing import Any

OWNER = {"merchant_id": {"S": "mer_0123456789abcdef0123456789abcdef"}, "mode": {"S": "live"}}
ADDRESS = {"line1": "14 Rue des Remparts", "city": "Bordeaux", "postal_code": "33000", "country": "FR"}
FIELDS = {
    "entity": "customer",
    "email": "marguerite.delacroix@example.com",
    "name": "Marguerite Delacroix",
    "company_name": "Delacroix et Filles SARL",
    "phone": "+33 5 56 00 12 34",
    "currency": "EUR",
    "tax_id": "FR12345678901",
    "notes": "Prefers invoices at the end of the quarter.",
    "metadata": '{"crm_id":"0061t00000AbCdE","plan":"growth","seats":12}',
    "source": "api",
    "created_at": "2026-01-15T10:30:00.000Z",
    "updated_at": "2026-02-03T08:12:45.120Z",
    "request_id": "JKJaXmPLvHcESHA=",
}


def answer(target: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return what DynamoDB, or EventBridge, answers to one operation."""
    operation = target.rpartition(".")[2]
    if operation == "GetItem":
        item = found(request["Key"])
        return {"Item": item} if item else {}
    if operation == "BatchGetItem":
        ((table, wanted),) = request["RequestItems"].items()
        return {"Responses": {table: [item for key in wanted["Keys"] if (item := found(key))]}, "UnprocessedKeys": {}}
    if operation == "PutEvents":
        return {"FailedEntryCount": 0, "Entries": [{"EventId": str(n)} for n, _ in enumerate(request["Entries"])]}
    fixed: dict[str, dict[str, Any]] = {
        "UpdateItem": {"Attributes": {"last": {"N": "1"}}},
        "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
        "BatchWriteItem": {"UnprocessedItems": {}},
    }
    return fixed.get(operation, {})


def found(key: dict[str, Any]) -> dict[str, Any] | None:
    """Return the item at `key`, if it is that of a customer or of an API key."""
    kind = key["sk"]["S"]
    if kind == "key":
        return {**key, "key_id": {"S": "key_0123456789abcdef0123456789abcdef"}, "scopes": {"L": [{"S": "*"}]}, **OWNER}
    if kind != "customer":
        return None
    _, merchant, mode, _, identifier = key["pk"]["S"].split("#")
    return {
        **key,
        **{name: {"S": text} for name, text in FIELDS.items()},
        "id": {"S": identifier},
        "merchant_id": {"S": merchant},
        "livemode": {"BOOL": mode == "live"},
        "list": {"S": f"T#{merchant}#{mode}#customer"},
        "version": {"N": "3"},
        "sequence": {"N": "48213"},
        "address": {"M": {name: {"S": text} for name, text in ADDRESS.items()}},
    }


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection, which stays open as DynamoDB's does."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            headers = {
                name.lower(): text for name, _, text in (line.partition(": ") for line in head.split("\r\n")[1:])
            }
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            content = json.dumps(answer(headers.get("x-amz-target", ""), json.loads(body or b"{}"))).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nServer: Server\r\nContent-Type: application/x-amz-json-1.0\r\n"
                b"Content-Length: %d\r\nConnection: keep-alive\r\nx-amzn-RequestId: %s\r\nx-amz-crc32: %d\r\n\r\n"
                % (len(content), b"K" * 52, zlib.crc32(content))
                + content
            )
    except asyncio.IncompleteReadError:
        writer.close()


async def main() -> None:
    """Listen until standard input is closed, which it is when whoever started this has gone."""
    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
