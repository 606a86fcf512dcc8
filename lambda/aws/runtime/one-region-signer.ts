// Stands in for the SDK's signer of requests that go to several regions when the functions are bundled: they go to one.
export { SignatureV4 as SignatureV4MultiRegion } from '@smithy/signature-v4';
