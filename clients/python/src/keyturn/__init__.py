"""How an MCP server in Python gets its keys.

    keys = Keys(environment="prod", server="support-bot")
    keys.use("sendgrid", lambda key: httpx.get(url, headers={"authorization": f"Bearer {key.secret}"}))

It needs AWS credentials that may read the server's secrets, and nothing else. It reports to CloudWatch how its keys are used.
"""

from ._errors import KeyRejected, KeyturnError
from ._key import Key
from ._keys import AsyncKeys, Keys
from ._usage import UsageTarget

__all__ = ["AsyncKeys", "Key", "KeyRejected", "Keys", "KeyturnError", "UsageTarget"]
