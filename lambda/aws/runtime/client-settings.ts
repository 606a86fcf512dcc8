// How every AWS client of the functions waits. SDK clients wait for ever where nothing is said, so that one hung call would
// last until the function's own end, and with it whatever was begun.
/** A call that is not answered by then is sent again: AWS answers these in milliseconds. */
const unansweredMs = 5_000;

export const clientSettings = {
  // Three more: throttled writes come through when others' have gone through.
  maxAttempts: 4,
  requestHandler: {
    connectionTimeout: 3_000,
    requestTimeout: unansweredMs,
    // Without it, the SDK only warns.
    throwOnRequestTimeout: true,
    // An answer that stops in the middle.
    socketTimeout: unansweredMs,
  },
};
