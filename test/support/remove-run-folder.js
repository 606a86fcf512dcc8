const { rmSync } = require('node:fs');

module.exports = () => rmSync(process.env.KEYTURN_TEST_RUN, { recursive: true, force: true });
