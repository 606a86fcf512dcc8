const { rmSync } = require('node:fs');
const { changedIn } = require('./contents');

module.exports = () => {
  const folder = process.env.KEYTURN_TEST_RUN;
  const changed = changedIn(folder);
  rmSync(folder, { recursive: true, force: true });
  if (!changed.length) return;
  throw new Error(
    `a test changed ${changed.join(' and ')}, which tests share; call ownAsset (test/support/linked-assembly.ts) before an asset is changed`,
  );
};
