// Runs inside Node servers behind the key broker, before their own code: requests go through the broker's proxy, whichever client
// makes them. Whatever goes wrong here, the server must not notice.
'use strict';

try {
  if (process.env.HTTPS_PROXY) {
    // fetch: the one of Node, and undici where a server brings its own.
    const { EnvHttpProxyAgent, setGlobalDispatcher } = require('undici');
    setGlobalDispatcher(new EnvHttpProxyAgent());
    // node:http and node:https, with agents of a server's own, too.
    require('global-agent').createGlobalProxyAgent({
      environmentVariableNamespace: '',
      forceGlobalAgent: true,
    });
    // For those who import { request } from there.
    require('node:module').syncBuiltinESMExports();
  }
} catch {}
