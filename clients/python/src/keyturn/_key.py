"""A key to call a provider with, and the JSON in a secret that it is read from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any, NoReturn

from ._errors import Fault

_OWN_FIELDS = ("secret", "keyId", "provider", "issuedAt", "expiresAt", "scopes")


class Key:
    """Printed it hides its secret and its fields. It cannot be pickled, so no cache and no queue gets it by accident."""

    __slots__ = ("_fields", "_secret", "expires_at", "issued_at", "key_id", "provider", "scopes")

    key_id: str
    """The provider's own id of the key; safe to log."""
    provider: str
    issued_at: datetime
    expires_at: datetime | None
    """None where the key does not expire."""
    scopes: tuple[str, ...] | None
    """None where keys of this provider have no scopes."""

    def __init__(
        self,
        *,
        secret: str,
        key_id: str,
        provider: str,
        issued_at: datetime,
        expires_at: datetime | None = None,
        scopes: tuple[str, ...] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        self._secret = secret
        self._fields = MappingProxyType(dict(fields or {}))
        self.key_id = key_id
        self.provider = provider
        self.issued_at = issued_at
        self.expires_at = expires_at
        self.scopes = scopes

    @property
    def secret(self) -> str:
        return self._secret

    @property
    def fields(self) -> Mapping[str, str]:
        """What a call needs besides the secret, such as `accountSid` or `domain`."""
        return self._fields

    def value(self, field: str) -> str | None:
        """A field by the name that it has in the secret."""
        own = {"secret": self._secret, "keyId": self.key_id, "provider": self.provider}
        return own.get(field) or self._fields.get(field)

    def __repr__(self) -> str:
        return (
            f"Key(provider={self.provider!r}, key_id={self.key_id!r}, issued_at={self.issued_at!r}, "
            f"expires_at={self.expires_at!r}, scopes={self.scopes!r})"
        )

    def __copy__(self) -> Key:
        return self

    def __deepcopy__(self, _memo: object) -> Key:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not pickled, since its secret would be in the pickle; pass its name, and get it there")


# Keys that AWS rotates have the form of its partner: which field is the key, and which its id; the fingerprint where none is.
_PARTNERS = {
    "auth0": ("clientSecret", None),
    "confluent": ("apiSecret", "apiKey"),
    "databricks": ("clientSecret", "oauthSecretId"),
    "datadog": ("apiKey", "apiKeyId"),
    "datadog-app": ("appKey", "appKeyId"),
    "gitlab": ("token", "tokenId"),
    "mongodb-atlas": ("clientSecret", None),
    "okta": ("clientSecret", None),
    "snowflake": ("patTokenValue", "patTokenName"),
}


def _of_partner(value: dict[str, Any], provider: str, at: datetime | None) -> dict[str, Any]:
    """The same in Keyturn's own form, where it is a partner's."""
    secret_field, id_field = _PARTNERS.get(provider, ("", None))
    secret = value.get(secret_field)
    if "secret" in value or not isinstance(secret, str):
        return value
    texts = {name: str(held) for name, held in value.items() if isinstance(held, (str, int))}
    key_id = texts.get(id_field or "") or hashlib.sha256(secret.encode()).hexdigest()[:16]
    issued_at = (at or datetime.fromtimestamp(0, timezone.utc)).isoformat()
    return {**texts, "secret": secret, "keyId": key_id, "provider": provider, "issuedAt": issued_at}


def parse_key(text: str, where: str, provider: str = "", at: datetime | None = None) -> Key | Fault | None:
    """Reads a secret's text. None means that no key was ever issued, or that it has ended for good.

    A fault names fields, never values. `provider` and `at`, when it was stored, say how to read what AWS rotates.
    """
    try:
        value = json.loads(text)
    except ValueError:
        # Dropped: it quotes its input.
        return _bad(where, "is not JSON")
    if not isinstance(value, dict):
        return _bad(where, "is not a JSON object")
    if value.get("state") in ("unissued", "ended"):
        return None
    value = _of_partner(value, provider, at)
    for field in ("secret", "keyId", "provider", "issuedAt"):
        if not isinstance(value.get(field), str) or value[field] == "":
            return _bad(where, f'has no text in "{field}"')
    expires_at = value.get("expiresAt")
    dates = [_instant(value["issuedAt"]), _instant(expires_at) if expires_at else None]
    if dates[0] is None or (expires_at and dates[1] is None):
        return _bad(where, 'has no date in "issuedAt" or "expiresAt"')
    scopes = value.get("scopes")
    return Key(
        secret=value["secret"],
        key_id=value["keyId"],
        provider=value["provider"],
        issued_at=dates[0],
        expires_at=dates[1],
        scopes=tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else None,
        fields={
            name: held for name, held in value.items() if name not in _OWN_FIELDS and isinstance(held, str)
        },
    )


def _instant(text: object) -> datetime | None:
    try:
        # Python 3.10 knows no Z.
        return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None


def _bad(where: str, what: str) -> Fault:
    return Fault(
        "bad-secret",
        f"the value of {where} {what}; store a key with `npx keyturn adopt`, or create one with `npx keyturn issue`",
    )
