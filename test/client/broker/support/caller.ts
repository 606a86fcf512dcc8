// A server in this process that calls the provider through the broker.
import { type Dispatcher, ProxyAgent, request } from 'undici';
import type { BrokerSetup } from './broker-setup';

export type Caller = ReturnType<typeof openCaller>;

export function openCaller(setup: BrokerSetup) {
  const { origin, username, password } = new URL(setup.broker.env.HTTPS_PROXY!);
  const token = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  let agent: ProxyAgent | undefined;
  function dispatcher(): ProxyAgent {
    agent ??= new ProxyAgent({ uri: origin, token, requestTls: { ca: setup.broker.certificate } });
    return agent;
  }
  return {
    dispatcher,
    async call(
      placeholder: string,
      { path = '/v1', ...options }: { path?: string } & Partial<Omit<Dispatcher.RequestOptions, 'path'>> = {},
    ) {
      const headers = { authorization: `Bearer ${placeholder}`, ...(options.headers as object) };
      const method = options.method ?? 'GET';
      const url = `https://${setup.provider.host}${path}`;
      const { statusCode, body } = await request(url, {
        ...options,
        method,
        headers,
        dispatcher: dispatcher(),
      });
      return { status: statusCode, text: await body.text() };
    },
    close: () => agent?.destroy(),
  };
}
