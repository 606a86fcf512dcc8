"""Requests of httpx with KeyAuth, and callers that give up."""

from __future__ import annotations

import asyncio
import unittest
from collections.abc import Iterator

import httpx
from aws import Reader, Sink, parts_with
from keyturn import AsyncKeys, Key, Keys
from keyturn.httpx_auth import KeyAuth


class Answer(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield b"{}"


class Provider(httpx.BaseTransport):
    """Accepts one secret. Looks at a header or at the query."""

    def __init__(self) -> None:
        self.accepted = "FAKESECRET-1"
        self.shown: list[tuple[str, bytes]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        secret = request.headers.get("authorization", "").removeprefix("Bearer ") or request.url.params["key"]
        assert isinstance(request.stream, httpx.SyncByteStream)
        self.shown.append((secret, b"".join(request.stream)))
        return httpx.Response(200 if secret == self.accepted else 401, stream=Answer())


class Requests(unittest.TestCase):
    def setUp(self) -> None:
        self.reader, self.sink, self.provider = Reader(), Sink(), Provider()
        self.keys = Keys._of(parts_with(self.reader, self.sink))
        self.client = httpx.Client(transport=self.provider, auth=KeyAuth(self.keys, "gitlab"))

    def rotate(self) -> None:
        self.client.get("https://gitlab.example.com/")
        self.reader.number = 2
        self.provider.accepted = "FAKESECRET-2"
        self.provider.shown.clear()

    def test_a_body_is_sent_again_with_the_next_key(self) -> None:
        self.rotate()
        self.assertEqual(self.client.post("https://gitlab.example.com/", content=b"body").status_code, 200)
        self.assertEqual(self.provider.shown, [("FAKESECRET-1", b"body"), ("FAKESECRET-2", b"body")])

    def test_a_stream_is_sent_once_and_the_next_request_has_the_next_key(self) -> None:
        self.rotate()

        def body() -> Iterator[bytes]:
            yield b"part"

        self.assertEqual(self.client.post("https://gitlab.example.com/", content=body()).status_code, 401)
        self.assertEqual([secret for secret, _ in self.provider.shown], ["FAKESECRET-1"])
        self.assertEqual(self.client.post("https://gitlab.example.com/", content=body()).status_code, 200)

    def test_a_key_may_stand_elsewhere(self) -> None:
        def in_query(request: httpx.Request, key: Key) -> None:
            request.url = request.url.copy_set_param("key", key.secret)

        self.rotate()
        auth = KeyAuth(self.keys, "gitlab", present=in_query)
        self.assertEqual(self.client.get("https://gitlab.example.com/?a=b", auth=auth).status_code, 200)
        self.assertEqual([secret for secret, _ in self.provider.shown], ["FAKESECRET-1", "FAKESECRET-2"])

    def test_a_request_that_fails_is_counted(self) -> None:
        def fails(_request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("no route")

        client = httpx.Client(transport=httpx.MockTransport(fails), auth=KeyAuth(self.keys, "gitlab"))
        with self.assertRaises(httpx.ConnectError):
            client.get("https://gitlab.example.com/")
        self.assertEqual((self.sink.total("Requests"), self.sink.total("AuthFailures")), (1, 0))

    def test_a_failure_within_a_task_group_is_seen(self) -> None:
        class Unauthorized(Exception):
            status_code = 401

        class Group(Exception):
            exceptions = (ValueError(), Unauthorized())

        self.rotate()
        shown: list[str] = []

        def call(key: Key) -> str:
            shown.append(key.secret)
            if key.secret == "FAKESECRET-1":
                raise Group
            return "done"

        self.assertEqual(self.keys.use("gitlab", call), "done")
        self.assertEqual(shown, ["FAKESECRET-1", "FAKESECRET-2"])

    def test_the_response_that_is_not_read_is_closed(self) -> None:
        self.rotate()
        made: list[httpx.Response] = []

        def call(key: Key) -> httpx.Response:
            headers = {"authorization": f"Bearer {key.secret}"}
            request = self.client.build_request("GET", "https://gitlab.example.com/", headers=headers)
            made.append(self.client.send(request, stream=True, auth=None))
            return made[-1]

        self.keys.use("gitlab", call)
        self.assertEqual([response.is_closed for response in made], [True, False])
        made[-1].close()


class GivingUp(unittest.TestCase):
    def test_a_task_that_is_cancelled_leaves_the_answer_to_the_others(self) -> None:
        reader, sink = Reader(), Sink()
        keys = AsyncKeys._of(parts_with(reader, sink))
        reader.gate.clear()

        async def play() -> str:
            first = asyncio.create_task(keys.get("gitlab"))
            second = asyncio.create_task(keys.get("gitlab"))
            await asyncio.sleep(0)
            first.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await first
            reader.gate.set()
            return (await second).key_id

        self.assertEqual(asyncio.run(play()), "key-1")
        self.assertEqual(reader.calls, ["read_current"])

    def test_a_call_that_is_cancelled_is_counted(self) -> None:
        reader, sink = Reader(), Sink()
        keys = AsyncKeys._of(parts_with(reader, sink))

        async def play() -> None:
            begun = asyncio.Event()

            async def call(_key: Key) -> None:
                begun.set()
                await asyncio.Event().wait()

            task = asyncio.create_task(keys.use("gitlab", call))
            await begun.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        asyncio.run(play())
        self.assertEqual(sink.total("Requests"), 1)


if __name__ == "__main__":
    unittest.main()
