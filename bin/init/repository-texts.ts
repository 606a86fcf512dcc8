// The texts of a new repository that people read.
import type { Answers } from './answers';

/** Checks every change, and deploys those of the main branch with a role that the workflow assumes by OIDC. */
export function deployWorkflow({ environment, region }: Answers): string {
  return `# Checks every change to the keys; a change on main is deployed, with a role that this workflow assumes by OpenID Connect.
# docs/deploy.md in node_modules/keyturn says how to make that role. Set its ARN as the variable DEPLOY_ROLE of the GitHub
# environment "${environment}", and let that environment ask for a reviewer.
name: keys

on:
  push:
    branches: [main]
  pull_request:

permissions:
  contents: read

jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v6
        with:
          persist-credentials: false
      - uses: actions/setup-node@v6
        with:
          node-version: 24
          cache: npm
      - run: npm ci
      - run: npm test
      - run: npm start -- --environment ${environment} --json
      - run: npx keyturn plan

  deploy:
    needs: check
    if: github.ref == 'refs/heads/main' && github.event_name == 'push'
    runs-on: ubuntu-latest
    timeout-minutes: 60
    environment: ${environment}
    concurrency: deploy-${environment}
    permissions:
      contents: read
      id-token: write # to assume the role without a stored credential
    steps:
      - uses: actions/checkout@v6
        with:
          persist-credentials: false
      - uses: actions/setup-node@v6
        with:
          node-version: 24
          # No cache: what is deployed is installed from the registry.
          package-manager-cache: false
      - run: npm ci
      - uses: aws-actions/configure-aws-credentials@v5
        with:
          role-to-assume: \${{ vars.DEPLOY_ROLE }}
          aws-region: ${region}
      - run: npx keyturn check --env ${environment}
      - run: npx cdk diff -c environment=${environment}
      - run: npx cdk deploy --all -c environment=${environment} --require-approval never
`;
}

export function readme({ environment, account, region, servers }: Answers): string {
  const [first] = servers.flatMap(({ name, providers }) => providers.map(provider => ({ name, provider })));
  const key = first ? `${environment}/${first.provider}/${first.name}` : '<key>';
  const issuers = [...new Set(servers.flatMap(({ providers }) => providers))]
    .map(provider => `npx keyturn issuer set ${provider} --env ${environment}`)
    .join('\n');
  return `# The keys of our MCP servers

[config/keys.ts](config/keys.ts) says which MCP server has which API keys. Keyturn issues, rotates, watches and revokes them inside our own AWS accounts.

## Try it

\`\`\`sh
npm install
npm start
npm test
npx keyturn plan
\`\`\`

\`npm start\` rehearses three months on this machine: no AWS account is used. \`npm start -- --help\` lists scenarios, such as a leaked key. Commit
\`package-lock.json\`: the workflow installs exactly what it names.

## Before the first deploy

Search config/keys.ts for "Replace": roles, addresses, and what only you know of your providers. Then, with credentials for the account:

\`\`\`sh
npx cdk bootstrap aws://${account}/${region}
npx cdk diff -c environment=${environment}
npx cdk deploy --all -c environment=${environment}
${issuers}
npx keyturn issue --env ${environment}
npx keyturn status --env ${environment}
\`\`\`

After that, [.github/workflows/keys.yml](.github/workflows/keys.yml) checks every change and deploys what is merged.

## Day by day

\`\`\`sh
npx keyturn rotate ${key}
npx keyturn revoke ${key} --reason "found in a public repository"
npx keyturn incidents --env ${environment}
\`\`\`

Before you remove a key from config/keys.ts, end it: \`npx keyturn end ${key}\`.

The documents of this version are in \`node_modules/keyturn/docs\`: \`runbook.md\` for the person on call, \`deploy.md\`, \`security.md\`, \`upgrade.md\`.

## A new version of Keyturn

\`\`\`sh
npm install --save-exact keyturn@latest
npm test
npm start
npx cdk diff -c environment=${environment}
\`\`\`

\`cdk diff\` shows what the new version changes in the account. Deploy it before servers take the new client.
`;
}
