"""One request to a provider, whose certificate is verified. What is sent may be a proof of this server's identity, and what is
answered a token: no error quotes either."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, Literal
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

_ANSWER_SECONDS = 10
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    """None where it is not JSON."""
    told_wait: float | None
    """For how long the provider wants no further request. Milliseconds."""

    def __repr__(self) -> str:
        return f"Reply(status={self.status})"


class _NoRedirects(HTTPRedirectHandler):
    """What is sent is meant for one host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def post(
    url: str, encoding: Literal["json", "form"], fields: Mapping[str, str], headers: Mapping[str, str], now: float
) -> Reply | str:
    """Returns, in words, why there was no answer. `now`: milliseconds since 1970."""
    data = json.dumps(dict(fields)) if encoding == "json" else urlencode(fields)
    kind = "application/json" if encoding == "json" else "application/x-www-form-urlencoded"
    sent = {**headers, "content-type": kind, "accept": "application/json", "user-agent": "keyturn"}
    request = Request(url, data.encode(), sent, method="POST")
    try:
        # Made each time: proxies are those of the environment of now.
        with build_opener(_NoRedirects).open(request, timeout=_ANSWER_SECONDS) as answer:
            return _reply(answer.status, answer.read(_MOST_BYTES), answer.headers, now)
    except HTTPError as error:
        with error:
            return _reply(error.code, error.read(_MOST_BYTES), error.headers, now)
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        return type(reason).__name__


def _reply(status: int, body: bytes, headers: Message, now: float) -> Reply:
    try:
        read = json.loads(body)
    except ValueError:
        # Dropped: it quotes its input.
        read = None
    return Reply(status, read, _told_wait(headers.get("retry-after"), now))


def _told_wait(text: str | None, now: float) -> float | None:
    if not text:
        return None
    if text.isdigit():
        return float(text) * 1_000
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() * 1_000 - now)
    except ValueError:
        return None
