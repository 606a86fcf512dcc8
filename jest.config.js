const onlyImported = '(jose|proxy-chain)';

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/support/test-environment.js',
  roots: ['<rootDir>/test', '<rootDir>/packages'],
  // As npm resolves them in the package.
  moduleNameMapper: {
    '^keyturn/connectors$': '<rootDir>/connectors/toolkit.ts',
    '^keyturn/connectors/suite$': '<rootDir>/test/connectors/contract/suite.ts',
    // A module that only `import` can load, by its name alone: Jest takes no transform for it.
    '^httpxy$': '<rootDir>/test/support/httpxy.js',
  },
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }],
    // Modules of npm that only `import` can load: Node 20 cannot require them, and what we build has them inside.
    [`/node_modules/${onlyImported}/.+\\.js$`]: [
      '@swc/jest',
      { jsc: { target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`^(?!.*/node_modules/${onlyImported}/).*/node_modules/`],
  globalSetup: '<rootDir>/test/support/make-run-folder.js',
  globalTeardown: '<rootDir>/test/support/remove-run-folder.js',
  setupFiles: ['<rootDir>/test/setup.ts'],
  // Jest looks every other global up in a slow way, each time: a search that needs Math for each
  // character took twenty times as long. Of those that no test replaces and no module names
  // anew, as asn1js does with Boolean and Set.
  sandboxInjectedGlobals: [
    ...['Array', 'Error', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Reflect'],
    ...['RegExp', 'String', 'Symbol', 'Uint8Array', 'WeakMap'],
  ],
  testSequencer: '<rootDir>/test/support/slow-files-first.js',
  // For what hangs: a slow machine takes many times as long as a fast one, and no test may fail for that.
  testTimeout: 600_000,
  // Both of two cores: Jest alone would leave one idle.
  maxWorkers: '100%',
  // What a file leaves behind makes those after it slow, and Node keeps much: a worker starts anew before that counts.
  workerIdleMemoryLimit: '700MB',
};
