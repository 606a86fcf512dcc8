const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

module.exports = () => {
  process.env.KEYTURN_TEST_RUN = mkdtempSync(join(tmpdir(), 'keyturn-tests-'));
};
