# An MCP server over stdio of nothing but Python: with the client library for Python where it is told a key's name, or else with
# its key in a variable.
import json
import os
import ssl
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

name, api = os.environ.get("TEST_NAME"), os.environ["TEST_API"]
# Made once: it reads all certificates that are trusted.
trusted = ssl.create_default_context()
writing = threading.Lock()


def ask(mark, key):
    request = urllib.request.Request(f"{api}/echo/{mark}", headers={"authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, context=trusted if api.startswith("https:") else None) as answer:
        return answer.read().decode()


if name:
    from keyturn import Keys

    keys = Keys(refresh_seconds=float(os.environ["TEST_REFRESH"]), usage="none")

    def echo(mark):
        return keys.use(name, lambda key: ask(mark, key.secret))

else:

    def echo(mark):
        return ask(mark, os.environ["TEST_KEY"])


def called(params):
    try:
        return {"content": [{"type": "text", "text": echo(params["arguments"]["mark"])}]}
    except Exception as error:
        return {"isError": True, "content": [{"type": "text", "text": str(error)}]}


def result_of(method, params):
    if method == "initialize":
        about = {"name": "python", "version": "1"}
        return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": about}
    if method == "tools/list":
        schema = {"type": "object", "properties": {"mark": {"type": "string"}}, "required": ["mark"]}
        return {"tools": [{"name": "echo", "inputSchema": schema}]}
    return called(params) if method == "tools/call" else {}


def answer(message):
    result = result_of(message["method"], message.get("params", {}))
    with writing:
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)


with ThreadPoolExecutor(8) as calls:
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message:
            calls.submit(answer, message)
