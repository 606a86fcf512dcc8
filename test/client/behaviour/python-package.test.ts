// What only the Python client has: its own tests, its types, and the package that PyPI gets.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hours } from '@keyturn/aws-model/test/support/local-aws';
import { clientPython } from '../../support/python';
import { openSecrets } from '../../support/secrets';
import { awsVariables, clientFolder } from './python';

const run = promisify(execFile);
const patience = { cwd: clientFolder, timeout: 600_000 };

test('its own tests pass, over a local AWS', async () => {
  const interpreter = await clientPython();
  if (!interpreter) return;
  const secrets = await openSecrets();
  try {
    secrets.addSecret('gitlab');
    await secrets.put('gitlab', 'FAKESECRET-1');
    secrets.addText('acme', '{"secret":"FAKESECRET-acme","keyId":""}');
    // A token without an end, where that is asked for.
    secrets.aws.addFunction('keyturn-prod-token-support-bot', ({ purpose }: { purpose: string }) => ({
      ...{ token: 'FAKESECRET-token', scopes: [] },
      ...(purpose === 'main' && { expiresAt: '2100-01-01T00:00:00.000Z' }),
    }));
    const { PATH } = process.env;
    const env = { PATH, PYTHONPATH: 'src', PYTHONDONTWRITEBYTECODE: '1', ...awsVariables(secrets) };
    const { stderr } = await run(interpreter, ['-m', 'unittest', 'discover', '-s', 'tests'], {
      ...patience,
      env,
    });
    expect(stderr).toMatch(/Ran (1[5-9]|[2-9]\d) tests/);
  } finally {
    await secrets.close();
  }
});

test('it reports its requests to CloudWatch when it is closed', async () => {
  const interpreter = await clientPython();
  if (!interpreter) return;
  const secrets = await openSecrets();
  try {
    secrets.addSecret('gitlab');
    await secrets.put('gitlab', 'FAKESECRET-1');
    const { clock, model, passMs } = secrets.aws;
    const program = `import time
time.time = lambda: ${clock.now().getTime() / 1_000}
from keyturn import Keys
with Keys(environment="prod", server="support-bot") as keys:
    for _ in range(3):
        keys.use("gitlab", lambda key: None)`;
    const { PATH } = process.env;
    const env = { PATH, PYTHONPATH: 'src', PYTHONDONTWRITEBYTECODE: '1', ...awsVariables(secrets) };
    const { stderr } = await run(interpreter, ['-c', program], { ...patience, env });
    expect(stderr).toBe('');
    expect(secrets.calls()).toEqual(['GetSecretValue', 'PutMetricData']);
    const dimensions = { environment: 'prod', server: 'support-bot', provider: 'gitlab', purpose: 'main' };
    const metric = { namespace: 'Keyturn/prod/support-bot', name: 'Requests', dimensions };
    const begunAt = clock.now();
    // CloudWatch takes its time.
    await passMs(hours(1));
    expect(model.cloudWatch.read(metric, 'Sum', begunAt, clock.now())).toBe(3);
  } finally {
    await secrets.close();
  }
});

test('its types hold, as strictly as mypy checks', async () => {
  const interpreter = await clientPython();
  if (!interpreter) return;
  const cache = mkdtempSync(join(tmpdir(), 'keyturn-mypy-'));
  try {
    const { stdout } = await run(interpreter, ['-m', 'mypy', '--cache-dir', cache], patience);
    expect(stdout).toMatch(/^Success: no issues found in 2\d source files/);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});

test('its package has the sources, the mark that it is typed, and the licence', async () => {
  const interpreter = await clientPython();
  if (!interpreter) return;
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-wheel-'));
  try {
    await run(
      interpreter,
      ['-m', 'hatchling', 'build', '--target', 'wheel', '--directory', folder],
      patience,
    );
    const wheel = join(folder, 'keyturn-0.1.0-py3-none-any.whl');
    expect(existsSync(wheel)).toBe(true);
    const { stdout } = await run(interpreter, ['-m', 'zipfile', '--list', wheel], patience);
    for (const file of [
      'keyturn/__init__.py',
      'keyturn/httpx_auth.py',
      'keyturn/py.typed',
      'licenses/LICENSE',
    ])
      expect(stdout).toContain(file);
    expect(stdout).not.toContain('tests/');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('it is of the same version and licence as the rest', () => {
  const manifest = readFileSync(join(clientFolder, 'pyproject.toml'), 'utf8');
  const { version, license } = JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8'));
  expect(manifest).toContain(`\nversion = "${version}"\n`);
  expect(manifest).toContain(`\nlicense = "${license}"\n`);
  const licences = [clientFolder, join(__dirname, '../../..')].map(folder =>
    readFileSync(join(folder, 'LICENSE'), 'utf8'),
  );
  expect(licences[0]).toBe(licences[1]);
});
