// AgentCore's REST API on the wire: which method and path is which operation, with what in its path.
import type { Protocol } from '../wire/protocol';

const routes: [operation: string, method: string, path: RegExp][] = [
  ['GetAgentRuntime', 'GET', /^\/runtimes\/(?<agentRuntimeId>[^/]+)\/$/],
  ['GetApiKeyCredentialProvider', 'POST', /^\/identities\/GetApiKeyCredentialProvider$/],
];

export const agentCoreRest: Protocol = {
  read({ method, path: url, body }) {
    const [path = '', query] = url.split('?');
    for (const [operation, verb, pattern] of routes) {
      const found = verb === method && pattern.exec(path);
      if (!found) continue;
      const inPath = Object.entries(found.groups ?? {}).map(([name, value]) => [
        name,
        decodeURIComponent(value),
      ]);
      const params = { ...Object.fromEntries(inPath), ...Object.fromEntries(new URLSearchParams(query)) };
      return { operation, params: { ...params, ...(body.length ? JSON.parse(body.toString('utf8')) : {}) } };
    }
    return { operation: `${method} ${path}`, params: {} };
  },
  answer: (_operation, result, requestId) => ({
    status: 200,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId },
    body: JSON.stringify(result),
  }),
  error: (error, requestId) => ({
    status: error.status,
    headers: {
      'content-type': 'application/json',
      'x-amzn-requestid': requestId,
      'x-amzn-errortype': error.code,
    },
    body: JSON.stringify({ message: error.message }),
  }),
};
