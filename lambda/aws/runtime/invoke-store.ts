// Stands in for @aws/lambda-invoke-store when the functions are bundled: Lambda's runtime has its own, which knows the
// invocation. What the SDK would make beside it stays empty.

interface Store {
  getXRayTraceId(): string | undefined;
}

export const InvokeStore = {
  getInstanceAsync: async (): Promise<Store | undefined> =>
    (globalThis as { awslambda?: { InvokeStore?: Store } }).awslambda?.InvokeStore,
};
