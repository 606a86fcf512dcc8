// Replicas of keys in other regions, as commands see them.
import { type Cli, openCli } from '../../support/cli';
import { withConfig } from '../../support/with-config';

const sendgrid = 'keyturn/prod/sendgrid/support-bot/main';
let cli: Cli;
beforeEach(async () => {
  cli = await openCli();
  await cli.deploy();
  await cli.setIssuers();
  await cli.run(['issue', '--env', 'prod']);
});
afterEach(() => cli.close());

/** As if the stack of its server had been deployed with them. */
const replicate = (...regions: string[]) =>
  cli.model.secretsManager.updateFromTemplate(sendgrid, { replicas: regions.map(region => ({ region })) });

async function withReplicas(args: string[], trail = '') {
  let ended = { code: -1, out: '', err: '' };
  const change = (source: string) =>
    source
      .replace("team: 'support',", "team: 'support', replicas: { prod: ['us-east-1'] },")
      .replace("policy: 'prod',", `policy: 'prod', ${trail}`);
  await withConfig(change, async config => {
    ended = await cli.run([...args, '--env', 'prod', '--config', config]);
  });
  return ended;
}

test('`status` says which replica is not there, and which is behind', async () => {
  const missing = await withReplicas(['status']);
  expect(missing.out).toContain(
    `prod/sendgrid/support-bot: its replica ${sendgrid} in us-east-1 is not there; deploy the stack of its server`,
  );
  replicate('us-east-1');
  expect((await withReplicas(['status'])).out).toContain(
    `its replica ${sendgrid} in us-east-1 is not in sync (InProgress)`,
  );
  await cli.passMs(5_000);
  expect((await withReplicas(['status'])).out).not.toContain(sendgrid);
});

test('`why` tells which replica is behind, and how AWS replicates again', async () => {
  replicate('us-east-1');
  const behind = await withReplicas(['why', 'prod/sendgrid/support-bot']);
  await cli.passMs(5_000);
  expect(behind.out).toContain('Servers in us-east-1 do not read what prod/sendgrid/support-bot holds now');
  expect(behind.out).toContain(`replicate-secret-to-regions --secret-id ${sendgrid} --add-replica-regions`);
  expect((await withReplicas(['why', 'prod/sendgrid/support-bot'])).out).not.toContain('us-east-1');
});

test.each([
  ['of one region', {}, 1],
  ['of all regions', { isMultiRegion: true }, 0],
])('`check` says whether a trail %s sees reads of replicas', async (_, more, code) => {
  cli.model.cloudTrail.addTrail({ name: 'audit', readEvents: true, ...more });
  const checked = await withReplicas(['check'], "trail: 'exists',");
  expect(checked.code).toBe(code);
  expect(checked.out.includes('no trail logs reads in us-east-1')).toBe(code === 1);
});
