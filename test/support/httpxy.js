// httpxy as a module that Jest can require, made as the build makes it.
const { buildSync } = require('esbuild');
const { join } = require('node:path');

const { outputFiles } = buildSync({
  entryPoints: [join(__dirname, '../../node_modules/httpxy/dist/index.mjs')],
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  write: false,
});
new Function('module', 'require', outputFiles[0].text)(module, require);
