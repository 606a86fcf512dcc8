"""The Python client as the shared cases drive it: commands as lines of JSON on standard input, answers on standard output.

Time is the driver's: the client asks it what time it is, and to let time pass.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from typing import Any

import httpx
from keyturn import AsyncKeys, Key, KeyRejected, Keys
from keyturn._core import CoreParts
from keyturn._names import Place
from keyturn._reader import AwsSecretReader
from keyturn._usage import Usage
from keyturn.httpx_auth import KeyAuth

_output = threading.Lock()


def say(message: dict[str, Any]) -> None:
    with _output:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


class Driver:
    """What the client is given in the place of a clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = 0
        self._waiting: dict[int, tuple[threading.Event, list[float]]] = {}

    def ask(self, what: str, milliseconds: float = 0) -> float:
        with self._lock:
            self._asked += 1
            asked = self._asked
            done, answer = self._waiting[asked] = (threading.Event(), [])
        say({"ask": what, "asked": asked, "ms": milliseconds})
        done.wait()
        return answer[0]

    def answer(self, asked: int, now: float) -> None:
        with self._lock:
            done, answer = self._waiting.pop(asked)
        answer.append(now)
        done.set()


driver = Driver()

#: All calls with asyncio run in this one loop: one that blocked it would hold up the others.
loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()


def awaited(coroutine: Any) -> Any:
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result()


class Sink:
    interval = 0

    def write(self, reports: Any, _at: float) -> None:
        say({"reports": [[address.provider, counts] for address, counts in reports]})


class StatusError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__("Unauthorized")
        self.status_code = status


class ResponseError(Exception):
    def __init__(self, response: httpx.Response) -> None:
        super().__init__("Unauthorized")
        self.response = response


def judged(response: httpx.Response, way: str) -> int:
    """What the function given to `use` makes of the response."""
    if response.status_code == 401 and way == "KeyRejected":
        raise KeyRejected
    if response.status_code == 401 and way == "status":
        raise StatusError(401)
    if response.status_code == 401 and way == "response":
        raise ResponseError(response)
    if response.status_code == 401 and way == "group":
        raise ExceptionGroup("tasks", [ValueError(), StatusError(401)])
    return response.status_code


class Subject:
    """One client and its way to make requests."""

    def __init__(self, lane: str, options: dict[str, Any]) -> None:
        parts = CoreParts(
            place=Place("prod", "support-bot"),
            variables=options["variables"],
            reader=AwsSecretReader(),
            tokens=options["tokens"],
            federate=options["federate"],
            usage=Usage(Sink()),
            refresh=300_000,
            stale=24 * 3_600_000,
            now=lambda: driver.ask("now"),
            sleep=lambda milliseconds: void(driver.ask("sleep", milliseconds)),
        )
        self.lane = lane
        self.keys = Keys._of(parts)
        self.async_keys = AsyncKeys.__new__(AsyncKeys)
        self.async_keys._core = self.keys._core

    def run(self, command: dict[str, Any]) -> Any:
        if command["do"] == "get":
            return shown(self.get(command["name"]))
        if command["do"] == "env":
            return awaited(self.async_keys.env()) if self.is_async() else self.keys.env()
        return getattr(self, "use_" + self.lane)(**command["use"])

    def is_async(self) -> bool:
        return self.lane in ("AsyncKeys", "KeyAuth_async")

    def get(self, name: str) -> Key:
        return awaited(self.async_keys.get(name)) if self.is_async() else self.keys.get(name)

    def use_Keys(self, url: str, name: str, way: str) -> int:
        def call(key: Key) -> Any:
            if way == "broken":
                raise TypeError("connection failed")
            response = httpx.get(url, headers={"authorization": f"Bearer {key.secret}"}, timeout=60)
            judged(response, way)
            return response

        return int(self.keys.use(name, call).status_code)

    def use_AsyncKeys(self, url: str, name: str, way: str) -> int:
        async def call(key: Key) -> Any:
            if way == "broken":
                raise TypeError("connection failed")
            async with httpx.AsyncClient(timeout=60) as client:
                response = await client.get(url, headers={"authorization": f"Bearer {key.secret}"})
            judged(response, way)
            return response

        return int(awaited(self.async_keys.use(name, call)).status_code)

    def use_KeyAuth(self, url: str, name: str, way: str) -> int:
        with httpx.Client(auth=KeyAuth(self.keys, name), timeout=60) as client:
            return client.post(url, json={"way": way}).status_code

    def use_KeyAuth_async(self, url: str, name: str, way: str) -> int:
        async def call() -> int:
            async with httpx.AsyncClient(auth=KeyAuth(self.async_keys, name), timeout=60) as client:
                return (await client.post(url, json={"way": way})).status_code

        return awaited(call())


def shown(key: Key) -> dict[str, Any]:
    printed = [repr(key), str(key), f"{[key]} {({'key': key})}", repr(vars(Key).keys())]
    return {"secret": key.secret, "keyId": key.key_id, "fields": dict(key.fields), "printed": printed}


def void(_value: object) -> None:
    return None


def answer(subject: Subject, command: dict[str, Any]) -> None:
    try:
        result = subject.run(command)
    except Exception as error:  # noqa: BLE001 - the driver judges it
        code = getattr(error, "code", None)
        say({"id": command["id"], "error": {"code": code, "message": str(error), "name": type(error).__name__}})
    else:
        say({"id": command["id"], "result": result})


def main() -> None:
    subject: Subject | None = None
    environment = dict(os.environ)
    for line in sys.stdin:
        command = json.loads(line)
        if "answer" in command:
            driver.answer(command["answer"], command["now"])
        elif command["do"] == "open":
            os.environ.clear()
            os.environ.update({**environment, **command["env"]})
            subject = Subject(command["lane"], command["options"])
            say({"id": command["id"], "result": None})
        else:
            threading.Thread(target=answer, args=(subject, command), daemon=True).start()


main()
