"""Servers that fork their workers after they have used a key."""

from __future__ import annotations

import os
import threading
import unittest

from aws import Reader, Sink, parts_with
from keyturn import Keys


@unittest.skipUnless(hasattr(os, "fork"), "this system has no fork")
class Forks(unittest.TestCase):
    def in_child(self, act: object) -> int:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = 0 if act() else 2  # type: ignore[operator]
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)

    def test_a_child_uses_keys_that_its_parent_was_reading(self) -> None:
        reader, sink = Reader(), Sink()
        keys = Keys._of(parts_with(reader, sink))
        reader.gate.clear()
        waiting = threading.Thread(target=lambda: keys.get("gitlab"))
        waiting.start()
        while not reader.calls:
            pass

        def reads() -> bool:
            reader.gate = threading.Event()
            reader.gate.set()
            return keys.get("gitlab").key_id == "key-1"

        self.assertEqual(self.in_child(reads), 0)
        reader.gate.set()
        waiting.join()

    def test_a_child_reports_only_its_own_requests(self) -> None:
        reader, sink = Reader(), Sink()
        sink.interval = 3_600.0
        keys = Keys._of(parts_with(reader, sink))
        keys.use("gitlab", lambda _key: None)

        def reports() -> bool:
            keys.use("gitlab", lambda _key: None)
            keys.use("gitlab", lambda _key: None)
            keys.close()
            return sink.total("Requests") == 2

        self.assertEqual(self.in_child(reports), 0)
        keys.close()
        self.assertEqual(sink.total("Requests"), 1)


if __name__ == "__main__":
    unittest.main()
