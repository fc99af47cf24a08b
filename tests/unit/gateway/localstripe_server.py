"""localstripe as Stripe is today, on the loopback address: run by .venv-localstripe, told what to spoil by the tests.

Added to it are what Stripe has and it lacks: idempotency keys, what has come in by a PaymentIntent, and the present
names of parameters; those of a PaymentIntent that it does not know are left out. `POST
/_config/spoil` with `{"path": …, "how": …}` spoils the next request to a path that ends so: `before` cuts the
connection and does nothing, `after` does it and cuts the connection, `busy` answers 429.
"""

import asyncio
import json
import sys

from aiohttp import web
from localstripe import resources, server

answers = {}
spoiled = {}
get_post_data = server.get_post_data


async def get_post_data_of_today(request, remove_auth=True):
    data = await get_post_data(request, remove_auth)
    if data and "allowed_payment_method_types" in data:
        data["payment_method_types"] = data.pop("allowed_payment_method_types")
    if data and "/payment_intents" in request.path:
        for unknown in ("description", "statement_descriptor_suffix", "off_session", "return_url"):
            data.pop(unknown, None)
    return data


def amount_received(intent):
    if intent.status != "succeeded":
        return 0
    return intent.amount - intent.latest_charge.amount_refunded  # here a capture of less refunds the rest


@web.middleware
async def spoils(request, handler):
    if request.path == "/_config/spoil":
        asked = await request.json()
        spoiled[asked["path"]] = asked["how"]
        return web.Response()
    how = next((spoiled.pop(path) for path in list(spoiled) if request.path.endswith(path)), None)
    if how == "busy":
        return web.json_response({"error": {"type": "invalid_request_error", "message": "busy"}}, status=429)
    response = web.Response() if how == "before" else await handler(request)
    if how:
        request.transport.abort()
    return response


@web.middleware
async def answers_once(request, handler):
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    if key is None:
        return await handler(request)
    body = await request.read()
    if key not in answers:
        response = await handler(request)
        answers[key] = (request.path, body, response.status, response.body)
    path, first_body, status, stored = answers[key]
    if (path, first_body) != (request.path, body):
        error = {"type": "idempotency_error", "message": "another request had this key"}
        return web.json_response({"error": error}, status=400)
    return web.Response(status=status, body=stored, content_type="application/json")


async def main() -> None:
    resources.Store.dump_to_disk = lambda _: None
    resources.PaymentIntent.amount_received = property(amount_received)
    server.get_post_data = get_post_data_of_today
    server.app.middlewares[:0] = [spoils, answers_once]
    runner = web.AppRunner(server.app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until the tests are over


asyncio.run(main())
