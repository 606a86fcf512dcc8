// How servers use a key: where they send it, and where it stands in a request. Whoever puts keys into the requests of a server
// that holds placeholders goes by this, and puts them nowhere else.

/** One way to use a key. */
export type Presentation = KeyPosition | Signing;

/** One place of a request in which a key may stand. */
export type KeyPosition =
  /** `scheme` stands before the key: `Bearer`. */
  | { readonly in: 'header'; readonly name: string; readonly scheme?: string }
  /** The password of `Authorization: Basic`. Its user is the same for every key, or a field of the key's value. */
  | { readonly in: 'basic'; readonly user: { readonly text: string } | { readonly field: string } }
  /** A parameter of the address. */
  | { readonly in: 'query'; readonly name: string }
  /** A field of a form, or at the top of a JSON body. */
  | { readonly in: 'form' | 'json'; readonly name: string };

/** What a key may do without being sent. */
export type Signing =
  /** The key signs a JWT, which stands in a field of a form in its place (RFC 7523). */
  | { readonly in: 'assertion'; readonly name: string }
  /** The key signs the request and is not sent; `scheme` begins the header `authorization`. */
  | { readonly in: 'signature'; readonly scheme: string }
  /** The key signs in to SSH (RFC 4252), and stands in no request. */
  | { readonly in: 'ssh' }
  /** The key signs in to a session of another protocol, such as PostgreSQL's, and stands in no request. */
  | { readonly in: 'session' };

/** Every key that is sent to a provider; of a kind that mints, its tokens. */
export interface UsedKeys<Settings> {
  /**
   * Hosts that servers call with such a key, which may be others than those that Keyturn calls: scheme (https, or ssh, postgres, rediss), host, no path.
   * `https://*.example.com` stands for every host below example.com.
   */
  callOrigins(settings: Settings): readonly [string, ...string[]];
  /** Every way that the provider documents, the usual one first. */
  readonly presents: readonly [Presentation, ...Presentation[]];
  /** Has the shape of a key, and is plainly none: what a server may hold that never gets the key itself. */
  readonly placeholder: string;
  /** True where a rejection of the key shows that the call was not carried out, so that it may be sent again with another one. */
  readonly unauthorizedMeansNotDone: boolean;
  /** The provider rejects keys in answers of success, too: whoever puts keys in reads them. @default false */
  readonly rejectsInSuccess?: boolean;
}

export function isSent(presentation: Presentation): presentation is KeyPosition {
  return ['header', 'basic', 'query', 'form', 'json'].includes(presentation.in);
}

export const bearer = { in: 'header', name: 'authorization', scheme: 'Bearer' } as const;

/** Letters and digits that say what they are, filled up with zeros; `length` is at least 18. */
export function placeholder(length: number): string {
  return 'KeyturnPlaceholder'.padEnd(length, '0');
}
