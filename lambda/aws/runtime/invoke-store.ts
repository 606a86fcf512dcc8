// Stands in for the SDK's store of what belongs to one invocation when the functions are bundled: the runtime has its own.
// Where it has none, as there is one invocation at a time, the SDK reads the trace from the environment.
export const InvokeStore = {
  getInstanceAsync: async () =>
    (globalThis as { awslambda?: { InvokeStore?: object } }).awslambda?.InvokeStore,
};
