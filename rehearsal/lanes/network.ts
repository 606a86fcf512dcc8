// Hosts of providers on loopback: behind a proxy that stands for the network, with TLS and their real names.
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { RequestError, Server } from 'proxy-chain';
import { createAuthority } from '../../client/broker/authority';

export interface Network {
  /** What has to be in HTTPS_PROXY of a process that shall see it. */
  proxyUrl: string;
  /** That its certificates are trusted by. PEM */
  trusted: string;
  close(): Promise<void>;
}

/** @param onOther told of every other host that was asked */
export async function openNetwork(
  hosts: readonly string[],
  answer: RequestListener,
  onOther: (host: string) => void = () => {},
): Promise<Network> {
  const authority = await createAuthority(hosts, new Date());
  const isKnown = (host: string) =>
    hosts.some(known => (known.startsWith('*.') ? host.endsWith(known.slice(1)) : host === known));
  const server = createServer(
    {
      SNICallback: (host, done) => void authority.contextFor(host).then(context => done(null, context), done),
    },
    answer,
  );
  const network = new Server({
    host: '127.0.0.1',
    port: 0,
    prepareRequestFunction({ hostname, isHttp }) {
      if (!isKnown(hostname)) onOther(hostname);
      if (isHttp || !isKnown(hostname)) throw new RequestError('there is no such host in this network', 403);
      return { customConnectServer: server as never };
    },
  });
  network.on('requestFailed', () => {});
  await network.listen();
  return {
    proxyUrl: `http://127.0.0.1:${network.port}`,
    trusted: authority.certificate,
    async close() {
      server.closeAllConnections();
      await network.close(true);
    },
  };
}
