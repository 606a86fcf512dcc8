// Real, unmodified MCP servers behind `keyturn run`, official clients in front, constant load, and keys that rotate under it.
// Prints one line of JSON: what was called, and what went wrong.
import { openSecrets } from '../support/secrets';
import { startFakeApis } from './fake-apis';
import { runLane } from './lane';
import { lanes } from './lanes';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const isJson = process.argv.includes('--json');
const rotations = Number(process.argv.find(arg => /^--rotations=\d+$/.test(arg))?.split('=')[1] ?? 12);

async function main(): Promise<number> {
  const secrets = await openSecrets();
  const apis = await startFakeApis();
  const results = await Promise.all(lanes.map(lane => runLane(lane, rotations, secrets, apis)));
  apis.close();
  await secrets.close();

  const sum = (count: (result: (typeof results)[number]) => number) =>
    results.reduce((all, one) => all + count(one), 0);
  const switches = results.flatMap(({ switchMs }) => switchMs).sort((a, b) => a - b);
  const at = (part: number) => switches[Math.min(switches.length - 1, Math.floor(switches.length * part))];
  // A create that the API has carried out twice was doubled on its way, whatever the client saw.
  const createdTwice = [...apis.created.values()].filter(times => times > 1).length;
  const summary = {
    calls: sum(({ calls }) => calls),
    failed: sum(({ failed }) => failed),
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated) + createdTwice,
    rotations: sum(one => one.rotations),
    switchMs: { p50: at(0.5), p99: at(0.99) },
    rejectedByApis: apis.rejected(),
    servers: results.map(({ server, calls, rotations: turns }) => ({ server, calls, rotations: turns })),
  };
  const failures = results.flatMap(one => one.failures.slice(0, 5).map(text => `${one.server}: ${text}`));
  if (!isJson) {
    for (const { server, calls, rotations: turns } of results) {
      process.stdout.write(`${server}: ${calls} calls while its key rotated ${turns} times\n`);
    }
  }
  if (failures.length) process.stderr.write(`${failures.join('\n')}\n`);
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  const isClean = !summary.failed && !summary.lost && !summary.duplicated && !failures.length;
  return isClean && results.every(one => one.rotations === rotations) ? 0 : 1;
}

main().then(
  code => process.exit(code),
  error => {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exit(1);
  },
);
