// `keyturn/connectors`: what a team needs that writes a connector of its own. In an asset, the same for all of them.

export { KeyturnError } from '../core/errors';
export { fingerprint, generateSecret } from '../core/key/generated-secret';
export type { SecretValue } from '../core/key/secret-value';
export { type AwsPartner, awsPartner } from './contract/aws-partner';
export type {
  Connector,
  FederateConnector,
  HandSteps,
  InstallConnector,
  IssueConnector,
  IssuedKey,
  KeyRequest,
  ListedKey,
  ManualConnector,
  MintConnector,
  MintedToken,
  RevokeOnlyConnector,
  RollConnector,
  SelfIssuedConnector,
  Verdict,
} from './contract/connector';
export { timeOf } from './contract/listed-time';
export { bearer, type Presentation, placeholder } from './contract/presented';
export type { Cause, Http, HttpCall, HttpReply, HttpRequest, VerdictRules } from './http/http';
export { everyPage } from './http/paging';
export { exchangeIdentity, grants, jwtAssertion, jwtType } from './http/token-exchange';
export { connectorOf } from './http-api/api-connector';
export type { HttpApi } from './http-api/http-api';
export type { Transport } from './transports/transport';
