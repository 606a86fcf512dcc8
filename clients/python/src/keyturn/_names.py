"""What a key is called: keyturn/<environment>/<provider>/<server>/<purpose>."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ._errors import KeyturnError

_NAME_PART = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SOURCE = re.compile(r"([^/:]+)(?:/([^/:]+))?(?::([A-Za-z]\w*))?", re.ASCII)


@dataclass(frozen=True)
class Address:
    environment: str
    provider: str
    server: str
    purpose: str

    @property
    def secret_name(self) -> str:
        return f"keyturn/{self.environment}/{self.provider}/{self.server}/{self.purpose}"

    @property
    def short_name(self) -> str:
        """As people see and type it: `prod/sendgrid/support-bot`, with the purpose behind it where that is not `main`."""
        name = f"{self.environment}/{self.provider}/{self.server}"
        return name if self.purpose == "main" else f"{name}/{self.purpose}"


@dataclass(frozen=True)
class Place:
    """Where a program runs: both parts of a key's address that it does not choose."""

    environment: str
    server: str


@dataclass(frozen=True)
class Variable:
    name: str
    address: Address
    field: str


def parse_place(environment: str | None, server: str | None) -> Place:
    for what, name in (("environment", environment), ("server", server)):
        if name is None or not _NAME_PART.fullmatch(name):
            is_no = "no" if name is None else f'"{name}" is no'
            raise KeyturnError(
                "bad-config", f"{is_no} {what} of config/keys.ts; name it, or set KEYTURN_{what.upper()}"
            )
    return Place(str(environment), str(server))


def parse_key_name(name: str, place: Place) -> Address:
    """`provider` or `provider/purpose`, as a program names one of its keys."""
    provider, _, purpose = name.partition("/")
    if not _NAME_PART.fullmatch(provider) or not _NAME_PART.fullmatch(purpose or "main") or name.endswith("/"):
        raise KeyturnError(
            "bad-config", f'"{name}" does not name a key; write provider or provider/purpose'
        )
    return Address(place.environment, provider, place.server, purpose or "main")


def parse_variable(name: str, text: str, place: Place) -> Variable:
    """`provider` or `provider/purpose`, each with `:field` behind it; the field is `secret` unless given."""
    if not _VARIABLE_NAME.fullmatch(name):
        raise KeyturnError("bad-config", f'"{name}" is not a valid variable name; write VARIABLE=provider')
    parts = _SOURCE.fullmatch(text)
    provider, purpose, field = parts.groups() if parts else ("", None, None)
    if not _NAME_PART.fullmatch(provider) or not _NAME_PART.fullmatch(purpose or "main"):
        raise KeyturnError(
            "bad-config",
            f'"{text}" does not name a key for {name}; write provider, provider/purpose or provider:field',
        )
    address = Address(place.environment, provider, place.server, purpose or "main")
    return Variable(name, address, field or "secret")
