// Stands in for the SDK's credential chain when the functions are bundled: a Lambda only ever has environment
// credentials, and the files, SSO and metadata providers are a third of the bundle.
import { fromEnv } from '@aws-sdk/credential-provider-env';

export const defaultProvider = () => fromEnv();
