// Stands in for the checksums of @smithy/core when the functions are bundled: Node has them all. The SDK decides only when it
// runs whether it does, so its own in plain JavaScript would be loaded beside them. The names are the SDK's
// (@smithy/core/checksum); one that it asks for and that is not here keeps the bundle from being made.
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { crc32 } from 'node:zlib';

type Data = string | ArrayBuffer | ArrayBufferView;

/** With a secret: HMAC. */
export class Sha256 {
  private hash: Hash | Hmac;

  constructor(private readonly secret?: Data) {
    this.hash = this.begin();
  }

  update(data: Data): void {
    this.hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.hash.digest());
  }

  reset(): void {
    this.hash = this.begin();
  }

  private begin(): Hash | Hmac {
    return this.secret ? createHmac('sha256', bytesOf(this.secret)) : createHash('sha256');
  }
}

/** Of messages in a stream of events. */
export class Crc32 {
  private value = 0;

  update(data: Uint8Array): void {
    this.value = crc32(data, this.value);
  }

  digestSync(): number {
    return this.value;
  }
}

function bytesOf(data: Data): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
