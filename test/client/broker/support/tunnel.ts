// Requests to a broker that are written as they stand.
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { BrokerSetup } from './broker-setup';
import { providerHost } from './tls-provider';

const proxyOf = ({ broker }: BrokerSetup) => new URL(broker.env.HTTPS_PROXY!);

/** The line that the proxy wants. */
export function authorized(setup: BrokerSetup): string {
  const password = Buffer.from(`keyturn:${proxyOf(setup).password}`).toString('base64');
  return `Proxy-Authorization: Basic ${password}\r\n`;
}

/** What comes back for one request to the proxy itself. */
export function raw(setup: BrokerSetup, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(Number(proxyOf(setup).port), '127.0.0.1', () => socket.end(text));
    let said = '';
    socket.on('data', chunk => {
      said += String(chunk);
    });
    socket.on('end', () => resolve(said)).on('error', reject);
  });
}

/** What comes back through a connection to the provider, until it ends or `enough` says so. */
export function say(
  setup: BrokerSetup,
  servername: string,
  text: string,
  enough?: (said: string) => boolean,
): Promise<string> {
  const port = setup.provider.host.split(':')[1];
  return new Promise((resolve, reject) => {
    const tunnel = connectTcp(Number(proxyOf(setup).port), '127.0.0.1', () =>
      tunnel.write(`CONNECT ${providerHost}:${port} HTTP/1.1\r\nHost: x\r\n${authorized(setup)}\r\n`),
    );
    tunnel.on('error', reject).once('data', () => {
      const ca = setup.broker.certificate;
      const tls = connectTls({ socket: tunnel, servername, ca }, () => tls.write(text));
      let said = '';
      tls.on('data', chunk => {
        said += String(chunk);
        if (enough?.(said)) tls.destroy();
      });
      tls.on('error', reject).on('close', () => resolve(said));
    });
  });
}
