"""Leads what httpx sends to the providers of a sandbox to the fake ones on loopback, and lets the clock follow the sandbox's, as
outside.mjs does in Node."""

import json
import os
import time
from typing import Any

import httpx


wall_time = time.time


def told() -> Any:
    with open(os.environ["KEYTURN_SANDBOX_OUTSIDE"], encoding="utf-8") as file:
        return json.load(file)


def virtual_time() -> float:
    known = told()
    return float(known["virtual"] + (wall_time() * 1_000 - known["wall"]) * known["speed"]) / 1_000


def led(request: httpx.Request) -> httpx.Request:
    outside = told()
    origin = f"{request.url.scheme}://{request.url.host}"
    if origin not in outside["origins"]:
        return request
    headers = {**request.headers, "x-keyturn-origin": origin}
    url = request.url.copy_with(scheme="http", host="127.0.0.1", port=outside["port"])
    return httpx.Request(request.method, url, headers=headers, content=request.read())


def lead(transport: Any, name: str, is_async: bool) -> None:
    real = getattr(transport, name)

    def handle(self: Any, request: httpx.Request) -> Any:
        return real(self, led(request))

    async def handle_async(self: Any, request: httpx.Request) -> Any:
        return await real(self, led(request))

    setattr(transport, name, handle_async if is_async else handle)


time.time = virtual_time
lead(httpx.HTTPTransport, "handle_request", False)
lead(httpx.AsyncHTTPTransport, "handle_async_request", True)
