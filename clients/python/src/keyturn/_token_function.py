"""Asks the server's token function, by Lambda's Invoke."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ._aws import AwsClient, Explanation
from ._cached_token import AskForToken, GivenToken
from ._errors import Fault
from ._names import Address

#: Minting may take the provider's time, and its waits.
_ANSWER_SECONDS = 60

_EXPLAINED: dict[str, Explanation] = {
    "ResourceNotFoundException": (
        "not-found",
        "does not exist",
        "check the names of environment and server, and that its stack is deployed with a key that mints tokens",
    ),
    "AccessDeniedException": (
        "refused",
        "cannot be invoked with these AWS credentials",
        "run the server with the role that config/keys.ts names for it",
    ),
}


class TokenFunction:
    def __init__(self) -> None:
        self._lambda = AwsClient("lambda", _ANSWER_SECONDS)

    def asker(self, address: Address, scopes: Sequence[str]) -> AskForToken:
        """`scopes`: none for all that the config grants."""
        name = f"keyturn-{address.environment}-token-{address.server}"
        wish: dict[str, Any] = {"provider": address.provider, "purpose": address.purpose}
        if scopes:
            wish["scopes"] = list(scopes)

        def ask(refused: str | None) -> GivenToken | Fault:
            event = {**wish, "refused": refused} if refused else wish
            answer = self._lambda.call(
                "invoke", _EXPLAINED, read="Payload", FunctionName=name, Payload=json.dumps(event)
            )
            if isinstance(answer, Fault):
                of = f"{name}, which gives out the tokens of {address.short_name}, {answer.message}"
                return Fault(answer.code, of)
            return _refusal(name, answer) if "FunctionError" in answer else _given(name, answer["Payload"])

        return ask


def _given(name: str, payload: bytes) -> GivenToken | Fault:
    try:
        given = json.loads(payload)
        token, scopes = given["token"], tuple(map(str, given["scopes"]))
        # Python 3.10 knows no Z.
        ends_at = datetime.fromisoformat(given["expiresAt"].replace("Z", "+00:00")).timestamp() * 1_000
    except (ValueError, TypeError, KeyError, AttributeError):
        # Dropped: it may quote its input.
        return Fault("no-answer", f"{name} answered without a token; see that its stack and this library are of one version")
    return GivenToken(str(token), ends_at, scopes)


def _refusal(name: str, answer: dict[str, Any]) -> Fault:
    """What Keyturn's code raised explains itself; all else is Lambda's, such as a time-out."""
    try:
        said = json.loads(answer["Payload"])
        kind, message = str(said.get("errorType", "")), str(said.get("errorMessage", ""))
    except (ValueError, AttributeError):
        kind, message = "", ""
    if kind == "KeyturnError":
        return Fault("refused", message)
    return Fault("no-answer", f"{name} failed ({kind or message}); see its log, then try again")
