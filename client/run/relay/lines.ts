// Messages over stdio are lines. A line may be megabytes and come in thousands of chunks: it is put together once, at its end.

export interface LineReader {
  take(chunk: Buffer): void;
  /** What came after the last line feed is a line too. */
  end(): void;
}

/** @param onLine gets each line that is not blank, without its line feed */
export function createLineReader(onLine: (line: Buffer) => void): LineReader {
  let parts: Buffer[] = [];

  function finish(last: Buffer): void {
    const line = parts.length ? Buffer.concat([...parts, last]) : last;
    parts = [];
    if (line.length && line.toString('latin1', 0, 2).trim()) onLine(line);
  }

  return {
    take(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, from)) {
        finish(chunk.subarray(from, at));
        from = at + 1;
      }
      if (from < chunk.length) parts.push(chunk.subarray(from));
    },
    end: () => finish(Buffer.alloc(0)),
  };
}
