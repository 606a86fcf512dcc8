"""Runs inside Python servers behind the key broker, before their own code: requests go through the broker's proxy, whichever
client makes them, and its certificates are trusted. Whatever goes wrong here, the server must not notice.

Python loads the first sitecustomize that it finds, so this one loads the next. It is written for any Python 3.
"""

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

_HERE = os.path.dirname(os.path.abspath(__file__))


def _load_next():
    """The sitecustomize that there would be without us. Its errors are its own."""
    paths = [path for path in sys.path if os.path.abspath(path or ".") != _HERE]
    spec = PathFinder.find_spec("sitecustomize", paths)
    if spec is None or spec.loader is None:
        return
    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


class _Broker:
    """The proxy, as the variables name it, and what goes without it."""

    def __init__(self, url, certificate):
        from urllib.parse import unquote, urlsplit

        parts = urlsplit(url)
        self.url = url
        self.host, self.port = parts.hostname, parts.port
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.certificate = certificate

    def header(self):
        from base64 import b64encode

        return "Basic " + b64encode(("%s:%s" % (self.user, self.password)).encode()).decode()

    def leads(self, host):
        """What is on this machine is asked directly."""
        if isinstance(host, bytes):
            host = host.decode("ascii", "replace")
        name = host.strip("[]").rstrip(".").lower()
        return name not in ("localhost", "::1", "0.0.0.0") and not name.startswith("127.")


def _ssl(module, broker):
    """A context that trusts others trusts the broker, too, which can vouch for the hosts of keys alone."""
    context = module.SSLContext
    locations, defaults = context.load_verify_locations, context.load_default_certs

    def load_verify_locations(self, *args, **kwargs):
        locations(self, *args, **kwargs)
        _add(self)

    def load_default_certs(self, *args, **kwargs):
        defaults(self, *args, **kwargs)
        _add(self)

    def _add(self):
        try:
            locations(self, cafile=broker.certificate)
        except Exception:
            pass

    context.load_verify_locations = load_verify_locations
    context.load_default_certs = load_default_certs


def _http_client(module, broker):
    connection = module.HTTPSConnection
    real = connection.connect

    def connect(self):
        if self._tunnel_host is None and broker.leads(self.host):
            self.set_tunnel(self.host, self.port, {"Proxy-Authorization": broker.header()})
            self.host, self.port = broker.host, broker.port
        return real(self)

    connection.connect = connect


def _urllib3(module, broker):
    """Of requests and botocore, too."""
    pool = module.HTTPSConnectionPool
    real = pool.__init__

    def __init__(self, host, *args, **kwargs):
        real(self, host, *args, **kwargs)
        if self.proxy is None and broker.leads(host):
            from urllib3.util import parse_url

            self.proxy = parse_url("http://%s:%d" % (broker.host, broker.port))
            self.proxy_headers = dict(self.proxy_headers or {}, **{"proxy-authorization": broker.header()})

    pool.__init__ = __init__


def _httpcore(kind, tunnel_name):
    """Of httpx, and so of the SDKs that stand on it."""

    def patch(module, broker):
        pool = getattr(module, kind)
        real = pool.create_connection

        def create_connection(self, origin):
            is_led = getattr(self, "_proxy", None) is None and getattr(self, "_uds", None) is None
            if not is_led or origin.scheme not in (b"https", b"wss") or not broker.leads(origin.host):
                return real(self, origin)
            import httpcore
            from importlib import import_module

            tunnel = getattr(import_module(module.__name__.replace("connection_pool", "http_proxy")), tunnel_name)
            return tunnel(
                proxy_origin=httpcore.URL("http://%s:%d" % (broker.host, broker.port)).origin,
                proxy_headers=[(b"Proxy-Authorization", broker.header().encode())],
                remote_origin=origin,
                ssl_context=self._ssl_context,
                keepalive_expiry=self._keepalive_expiry,
                http1=self._http1,
                http2=self._http2,
                network_backend=self._network_backend,
            )

        pool.create_connection = create_connection

    return patch


def _aiohttp(module, broker):
    session = module.ClientSession
    real = session._request

    async def _request(self, method, str_or_url, **kwargs):
        if kwargs.get("proxy") is None and getattr(self, "_default_proxy", None) is None:
            url = self._build_url(str_or_url)
            if url.scheme in ("https", "wss") and broker.leads(url.host or ""):
                from aiohttp import BasicAuth

                kwargs["proxy"] = "http://%s:%d" % (broker.host, broker.port)
                kwargs["proxy_auth"] = BasicAuth(broker.user, broker.password)
        return await real(self, method, str_or_url, **kwargs)

    session._request = _request


def _websockets(module, broker):
    """From version 15 on, which knows proxies; it goes by the variables unless it is told not to."""
    real = module.connect
    if isinstance(real, type):

        class connect(real):
            def __init__(self, uri, **kwargs):
                super().__init__(uri, **_with_proxy(kwargs))

        connect.__qualname__ = connect.__name__ = "connect"
        connect.__module__ = real.__module__
    else:

        def connect(uri, **kwargs):
            return real(uri, **_with_proxy(kwargs))

    module.connect = connect


def _with_proxy(kwargs):
    if "proxy" in kwargs and kwargs["proxy"] is None and kwargs.get("sock") is None:
        return dict(kwargs, proxy=True)
    return kwargs


_PATCHES = {
    "ssl": _ssl,
    "http.client": _http_client,
    "urllib3.connectionpool": _urllib3,
    "httpcore._sync.connection_pool": _httpcore("ConnectionPool", "TunnelHTTPConnection"),
    "httpcore._async.connection_pool": _httpcore("AsyncConnectionPool", "AsyncTunnelHTTPConnection"),
    "aiohttp.client": _aiohttp,
    "websockets.asyncio.client": _websockets,
    "websockets.sync.client": _websockets,
}


class _Finder:
    """Modules are patched when the server imports them: those that are not there, or that it does not use, cost nothing."""

    def __init__(self, broker):
        self._broker = broker

    def find_spec(self, name, path=None, target=None):
        if name not in _PATCHES:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = None if finder is self or find is None else find(name, path, target)
            if spec is not None:
                self._follow(spec, name)
                return spec
        return None

    def _follow(self, spec, name):
        real = getattr(spec.loader, "exec_module", None)
        if real is None:
            return

        def exec_module(module):
            real(module)
            self.patch(name, module)

        try:
            spec.loader.exec_module = exec_module
        except Exception:
            pass

    def patch(self, name, module):
        patch = _PATCHES.pop(name, None)
        if patch is None:
            return
        try:
            patch(module, self._broker)
        except Exception:
            pass


def _install():
    url, certificate = os.environ.get("HTTPS_PROXY"), os.environ.get("KEYTURN_BROKER_CERTIFICATE")
    if not url or not certificate:
        return
    finder = _Finder(_Broker(url, certificate))
    for name in list(_PATCHES):
        if name in sys.modules:
            finder.patch(name, sys.modules[name])
    sys.meta_path.insert(0, finder)


try:
    _load_next()
finally:
    try:
        _install()
    except Exception:
        pass
