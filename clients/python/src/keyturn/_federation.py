"""Tokens of providers that accept the server's AWS role itself: STS signs a JWT, and the provider exchanges it."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

from ._aws import AwsClient, Explanation
from ._cached_token import AskForToken, GivenToken
from ._errors import Fault
from ._exchanges import EXCHANGES, Exchange, Settings
from ._http import Reply, post
from ._names import Address

_ANSWER_SECONDS = 5
#: Before an exchange is tried again, with another JWT: the answer to the first may be lost, and its JWT spent. Milliseconds.
_AGAIN = (500, 2_000)
#: A provider that is told to be asked later is, where that is soon. Milliseconds.
_TOLD_WAIT_AT_MOST = 10_000
#: Clocks differ. Milliseconds.
_SLACK = 60_000
_TROUBLE = ("no-answer", "provider-down", "rate-limited")
_REFUSALS = (400, 401, 403, 404, 422)
#: The standard's words for what went wrong (RFC 6749, section 5.2), or those of the provider's other errors.
_WORD = re.compile(r"[a-z_]{1,40}")

_EXPLAINED: dict[str, Explanation] = {
    "OutboundWebIdentityFederationDisabledException": (
        "refused",
        "is not given: the AWS account has outbound identity federation turned off",
        "have an administrator run `aws iam enable-outbound-web-identity-federation` once",
    ),
    "AccessDenied": (
        "refused",
        "is not given: these AWS credentials may not call sts:GetWebIdentityToken for it",
        "run the server with the role that config/keys.ts names for it, and attach to that the policy that"
        " `npx keyturn plan` names",
    ),
    "SessionDurationEscalationException": (
        "no-answer",
        "is not given: the AWS session ends before it would",
        "give the role longer sessions, or start the server anew",
    ),
    # Of boto3 itself, where it is older than the call.
    "AttributeError": (
        "no-answer",
        "is not given: this version of boto3 does not know sts:GetWebIdentityToken",
        "update boto3",
    ),
}


@dataclass(frozen=True)
class _Failed:
    fault: Fault
    told_wait: float | None = None


class Federation:
    def __init__(self, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._sts = AwsClient("sts", _ANSWER_SECONDS)
        self._now = now
        self._sleep = sleep

    def asker(self, address: Address, settings: Settings) -> AskForToken:
        """`settings`: what an admin set up at the provider. Its tokens have the scopes that the provider's trust gives them."""
        exchange = EXCHANGES.get(address.provider)

        def ask(_refused: str | None) -> GivenToken | Fault:
            if exchange is None:
                return Fault(
                    "bad-config",
                    f"{address.provider} is no provider whose exchange this library knows; leave it out of `federate`, and start the"
                    " server with `npx keyturn run` where it is a connector of your own that accepts AWS roles",
                )
            return _wrong(exchange, settings) or self._ask(exchange, settings)

        return ask

    def _ask(self, exchange: Exchange, settings: Settings) -> GivenToken | Fault:
        for wait in _AGAIN:
            given = self._exchange(exchange, settings)
            if isinstance(given, GivenToken):
                return given
            told = given.told_wait
            if given.fault.code not in _TROUBLE or (told or 0) > _TOLD_WAIT_AT_MOST:
                return given.fault
            self._sleep(max(wait if told is None else told, wait))
        given = self._exchange(exchange, settings)
        return given.fault if isinstance(given, _Failed) else given

    def _exchange(self, exchange: Exchange, settings: Settings) -> GivenToken | _Failed:
        audience = settings.get("audience", exchange.audience)
        signed = self._sts.call(
            "get_web_identity_token",
            _EXPLAINED,
            Audience=[audience],
            SigningAlgorithm=exchange.algorithm,
            DurationSeconds=exchange.identity_seconds,
        )
        if isinstance(signed, Fault):
            proof = f"a proof of this server's AWS role for {audience} {signed.message}"
            return _Failed(Fault(signed.code, proof))
        identity = signed["WebIdentityToken"]
        asked_at = self._now()
        fields = {**_fields(exchange, settings), exchange.jwt_field: identity}
        reply = post(exchange.url, exchange.encoding, fields, exchange.headers or {}, asked_at)
        if isinstance(reply, str):
            return _Failed(
                Fault(
                    "no-answer",
                    f"{exchange.title} gave no answer to POST {exchange.url} ({reply}); check the network, or try again",
                )
            )
        if not 200 <= reply.status < 300:
            return _Failed(_refusal(exchange, settings, reply, identity), reply.told_wait)
        return _given(exchange, reply, asked_at)


def _wrong(exchange: Exchange, settings: Settings) -> Fault | None:
    """Names only: what stands there may be a credential."""
    needed = [*exchange.settings, *(["audience"] if exchange.audience is None else [])]
    known = [*needed, *(exchange.optional or {}), "audience"]
    absent = [name for name in needed if name not in settings]
    bad = [name for name, value in settings.items() if name not in known or not _is_setting(name, value)]
    places = ", ".join(f'"{name}"' for name in [*absent, *bad])
    if not places:
        return None
    return Fault(
        "bad-config",
        f"the settings of this {exchange.title} key are wrong at {places}; give what config/keys.ts has under `federate`",
    )


def _is_setting(name: str, value: object) -> bool:
    if name == "scopes":
        return isinstance(value, (list, tuple)) and all(isinstance(scope, str) for scope in value)
    return isinstance(value, str) and value != "" and not re.search(r"\s", value)


def _fields(exchange: Exchange, settings: Settings) -> dict[str, str]:
    carried = {**exchange.settings, **(exchange.optional or {})}
    fields = {
        field: value if isinstance(value, str) else " ".join(value)
        for name, field in carried.items()
        if field and (value := settings.get(name))
    }
    return {**exchange.fixed, **fields}


def _refusal(exchange: Exchange, settings: Settings, reply: Reply, identity: str) -> Fault:
    said = f"{exchange.title} answered {reply.status} to POST {exchange.url}"
    if reply.status == 429:
        return Fault("rate-limited", f"{said}; it takes no more calls for now, so try again later")
    if reply.status >= 500:
        return Fault("provider-down", f"{said}; it has an error of its own, so see its status page and try again")
    if reply.status not in _REFUSALS:
        return Fault("bad-reply", f"{said}; its API may have changed, so look for a newer version of this library")
    trust = exchange.trust.format_map(settings)
    return Fault(
        "refused",
        f"{exchange.title} does not accept the AWS identity of this server (it answered {reply.status}{_word(reply.body)});"
        f" check that {trust} exists, is enabled, and names {_claims(identity)}",
    )


def _word(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    word = error.get("type") if isinstance(error, dict) else error
    return f" {word}" if isinstance(word, str) and _WORD.fullmatch(word) else ""


def _claims(identity: str) -> str:
    """What stands in the JWT is no secret without its signature."""
    try:
        payload = identity.split(".")[1]
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        audience = claims["aud"] if isinstance(claims["aud"], str) else ", ".join(claims["aud"])
        return f"the issuer {claims['iss']}, the subject {claims['sub']} and the audience {audience}"
    except (ValueError, KeyError, IndexError, TypeError):
        return "this server's role"


def _is_lifetime(seconds: object) -> TypeGuard[float]:
    return isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and 0 < seconds < 10**9


def _given(exchange: Exchange, reply: Reply, asked_at: float) -> GivenToken | _Failed:
    body = reply.body if isinstance(reply.body, dict) else {}
    token, seconds, scope = body.get("access_token"), body.get("expires_in"), body.get("scope")
    if not isinstance(token, str) or not token or not _is_lifetime(seconds):
        return _Failed(
            Fault(
                "bad-reply",
                f"{exchange.title} answered {reply.status} to POST {exchange.url} without a usable token;"
                " its API may have changed, so look for a newer version of this library",
            )
        )
    if seconds * 1_000 > exchange.token_seconds_at_most * 1_000 + _SLACK:
        return _Failed(
            Fault(
                "refused",
                f"{exchange.title} gave a token that lives for {round(seconds)} s, and one that leaks could be used for so"
                f" long; set the lifetime of tokens to at most {exchange.token_seconds_at_most} s where {exchange.title}"
                " keeps its trust in this server",
            )
        )
    # From when it was asked for: never later than the provider has it.
    scopes = tuple(scope.split(" ")) if isinstance(scope, str) and scope else ()
    return GivenToken(token, asked_at + seconds * 1_000, scopes)
