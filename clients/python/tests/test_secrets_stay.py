"""Secrets stay out of logs, exceptions and pickles. Needs the local AWS whose address is in the environment."""

from __future__ import annotations

import copy
import io
import logging
import pickle
import traceback
import unittest
from collections.abc import Iterator

import boto3
from keyturn import Key, Keys, KeyturnError


class Secrets(unittest.TestCase):
    def setUp(self) -> None:
        tokens: dict[str, list[str]] = {"github-app": [], "github-app/endless": []}
        self.keys = Keys(environment="prod", server="support-bot", usage="none", tokens=tokens)

    def test_logs_at_the_level_debug_have_none(self) -> None:
        output = io.StringIO()
        handler = logging.StreamHandler(output)
        root = logging.getLogger()
        root.addHandler(handler)
        before = root.level
        root.setLevel(logging.DEBUG)
        try:
            self.assertEqual(self.keys.get("gitlab").secret, "FAKESECRET-1")
            self.assertEqual(self.keys.get("github-app").secret, "FAKESECRET-token")
            ours = output.getvalue()
            # Other code of the program logs as it did.
            secrets_manager = boto3.client("secretsmanager")
            secrets_manager.get_secret_value(SecretId="keyturn/prod/gitlab/support-bot/main")
        finally:
            root.setLevel(before)
            root.removeHandler(handler)
        self.assertIn("GetSecretValue", ours)
        self.assertNotIn("FAKESECRET", ours)
        self.assertIn("FAKESECRET", output.getvalue())

    def test_no_frame_of_an_error_shows_one(self) -> None:
        def refuses(_key: Key) -> None:
            raise ValueError("refused")

        acts = (
            lambda: self.keys.get("acme"),
            lambda: self.keys.use("gitlab", refuses),
            lambda: self.keys.get("github-app/endless"),
            lambda: self.keys.use("github-app", refuses),
        )
        for act in acts:
            with self.assertRaises((KeyturnError, ValueError)) as raised:
                act()
            self.assertNotIn("FAKESECRET", "".join(shown_of(raised.exception)))

    def test_a_key_is_copied_and_never_pickled(self) -> None:
        key = self.keys.get("gitlab")
        self.assertIs(copy.deepcopy([key])[0], key)
        with self.assertRaisesRegex(TypeError, "pass its name"):
            pickle.dumps(key)

    def test_an_error_is_pickled_whole(self) -> None:
        with self.assertRaises(KeyturnError) as raised:
            self.keys.get("absent")
        again = pickle.loads(pickle.dumps(raised.exception))
        self.assertEqual((again.code, str(again)), ("not-found", str(raised.exception)))


def shown_of(error: BaseException | None) -> Iterator[str]:
    """What a program that reports errors sends: the text, and the local variables of every frame."""
    while error is not None:
        yield "".join(traceback.format_exception(error))
        yield repr(vars(error))
        for frame, _ in traceback.walk_tb(error.__traceback__):
            # Those of the test are not ours.
            if "keyturn" in frame.f_globals["__name__"]:
                yield repr(frame.f_locals)
        error = error.__cause__ or error.__context__


if __name__ == "__main__":
    unittest.main()
