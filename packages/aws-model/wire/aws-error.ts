/** An error as an AWS API answers it: `code` is what an SDK client sees as the error's name. */
export class AwsError extends Error {
  override readonly name = 'AwsError';

  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    /** Further members of the answer, such as DynamoDB's CancellationReasons. */
    readonly details: Record<string, unknown> = {},
    /** The code of the service's older query protocol, where clients are told both. */
    readonly queryCode?: string,
  ) {
    super(message);
  }
}

/** Raised for what the model does not cover; the wire server records it as a violation and answers 501. */
export class NotModelled extends Error {
  override readonly name = 'NotModelled';
}
