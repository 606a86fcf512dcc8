"""How each provider that accepts AWS roles exchanges a JWT for a token of its own. Facts, and their sources, are those of the
connectors of the same names in Keyturn's repository; the shared cases hold both to the same wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

_TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_JWT = "urn:ietf:params:oauth:token-type:jwt"
_JWT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Exchange:
    title: str
    url: str
    encoding: Literal["json", "form"]
    jwt_field: str
    fixed: Mapping[str, str]
    """Fields that are the same for all."""
    settings: Mapping[str, str]
    """Settings that have to be there, and the fields that carry them."""
    trust: str
    """What has to name this server: completed by the first setting."""
    audience: str | None
    """Unless the settings have another; None where they have to."""
    algorithm: Literal["RS256", "ES384"]
    identity_seconds: int
    token_seconds_at_most: int
    optional: Mapping[str, str] | None = None
    """Settings that may be there, and the fields that carry them; None for one that no field carries."""
    headers: Mapping[str, str] | None = None


EXCHANGES: Mapping[str, Exchange] = {
    "openai": Exchange(
        title="OpenAI",
        url="https://auth.openai.com/oauth/token",
        encoding="json",
        jwt_field="subject_token",
        fixed={"grant_type": _TOKEN_EXCHANGE, "subject_token_type": _JWT},
        settings={"identityProvider": "identity_provider_id", "serviceAccount": "service_account_id"},
        trust="the rule of {identityProvider} for the service account {serviceAccount}",
        audience="https://api.openai.com/v1",
        algorithm="ES384",
        # No token outlives its JWT.
        identity_seconds=900,
        token_seconds_at_most=3_600,
    ),
    "anthropic": Exchange(
        title="Anthropic",
        url="https://api.anthropic.com/v1/oauth/token",
        encoding="json",
        jwt_field="assertion",
        fixed={"grant_type": _JWT_BEARER},
        settings={
            "rule": "federation_rule_id",
            "organization": "organization_id",
            "serviceAccount": "service_account_id",
        },
        optional={"workspace": "workspace_id"},
        headers={"anthropic-beta": "oauth-2025-04-20,oidc-federation-2026-04-01"},
        trust="the federation rule {rule}",
        audience="https://api.anthropic.com",
        algorithm="RS256",
        identity_seconds=900,
        token_seconds_at_most=3_600,
    ),
    "openrouter": Exchange(
        title="OpenRouter",
        url="https://openrouter.ai/api/v1/oauth/token",
        encoding="form",
        jwt_field="subject_token",
        fixed={"grant_type": _TOKEN_EXCHANGE, "subject_token_type": _JWT},
        settings={"policy": "federation_policy_id"},
        # Of use to an emergency alone.
        optional={"actsAs": ""},
        trust="the federation policy {policy}",
        audience="https://openrouter.ai/api/v1",
        algorithm="RS256",
        # No token outlives its JWT.
        identity_seconds=900,
        token_seconds_at_most=900,
    ),
    "kernel": Exchange(
        title="Kernel",
        url="https://auth.onkernel.com/token",
        encoding="form",
        jwt_field="assertion",
        fixed={"grant_type": _JWT_BEARER, "resource": "https://api.onkernel.com"},
        settings={"rule": "federation_rule_id"},
        trust="the federation rule {rule}",
        audience="https://auth.onkernel.com",
        algorithm="RS256",
        # No token outlives its JWT.
        identity_seconds=600,
        token_seconds_at_most=600,
    ),
    "buildkite": Exchange(
        title="Buildkite",
        url="https://buildkite.com/oauth/token",
        encoding="form",
        jwt_field="client_assertion",
        fixed={"grant_type": "client_credentials", "client_assertion_type": _JWT_ASSERTION},
        settings={"clientId": "client_id"},
        optional={"scopes": "scope"},
        trust="the workload identity {clientId}",
        audience=None,
        algorithm="RS256",
        identity_seconds=300,
        token_seconds_at_most=3_600,
    ),
}
