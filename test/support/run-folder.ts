/** Shared by all files of one run of the tests, and gone after it. Made in jest.config.js's globalSetup. */
export function runFolder(): string {
  const folder = process.env.KEYTURN_TEST_RUN;
  if (!folder) throw new Error('KEYTURN_TEST_RUN is not set; run the tests with jest');
  return folder;
}
