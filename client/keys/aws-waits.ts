/** How long an AWS client waits for a connection, and for an answer; SDK clients wait for ever where nothing is said. */
export function awsWaits(answerMs: number) {
  return {
    connectionTimeout: 1_000,
    requestTimeout: answerMs,
    // Without it, the SDK only warns.
    throwOnRequestTimeout: true,
    // An answer that stops in the middle.
    socketTimeout: answerMs,
  };
}
