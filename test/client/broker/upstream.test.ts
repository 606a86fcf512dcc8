// Out of a network through the company's proxy.
import { createUpstream } from '../../../client/broker/upstream';
import { openFakeInternet } from '../../servers/matrix/fake-internet';

test('a provider behind the company proxy is trusted by the same certificates as one without', async () => {
  const internet = await openFakeInternet(['llm.example.com']);
  internet.accepted.add('FAKESECRET-llm-1');
  const parts = { proxyFor: () => internet.proxyUrl };
  const sent = {
    host: 'llm.example.com',
    port: 443,
    method: 'GET',
    path: '/v1/models',
    rawHeaders: ['Host', 'llm.example.com', 'Authorization', 'Bearer FAKESECRET-llm-1'],
    body: Buffer.alloc(0),
    signal: new AbortController().signal,
  };
  const trusting = createUpstream({ ...parts, trusted: internet.trusted });
  const usual = createUpstream(parts);
  try {
    const { message } = await trusting(sent);
    message.resume();
    expect(message.statusCode).toBe(200);
    await expect(usual(sent)).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  } finally {
    trusting.close();
    usual.close();
    await internet.close();
  }
});
