// Reads one configuration file of another program: only a plain file, only up to a size, and never through a link.
import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** `~/.claude.json` keeps what people have typed, and grows. */
export const bytesAtMost = 32 * 1024 * 1024;

export type FileContents =
  | { state: 'read'; text: string }
  | { state: 'absent' }
  /** `why` ends a sentence that begins with the file; `fix` is what to do. */
  | { state: 'unread'; why: string; fix: string };

/** @param base the folder up to which links are followed: they are how the machine is set up */
export async function openFile(base: string, path: string): Promise<FileContents> {
  let root: string;
  try {
    root = await realpath(base);
  } catch {
    return { state: 'absent' };
  }
  const file = join(root, path);
  try {
    // Below the base, a link could lead anywhere: to a key of another program, a device, a share.
    const folder = await realpath(dirname(file));
    if (folder !== dirname(file)) return linked('is in a folder that is a link');
    return await readPlainFile(file);
  } catch (error) {
    return failed(error);
  }
}

async function readPlainFile(file: string): Promise<FileContents> {
  // Opening must not wait for the other end of a pipe. Windows knows neither flag.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  if (O_NOFOLLOW === 0 && (await realpath(file)) !== file) return linked('is a link');
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const found = await handle.stat();
    if (!found.isFile())
      return { state: 'unread', why: 'is not a regular file', fix: 'replace it with a regular file' };
    if (found.size > bytesAtMost) return tooLarge();
    const { bytes, isWhole } = await readAtMost(handle, bytesAtMost);
    return isWhole ? { state: 'read', text: decode(bytes) } : tooLarge();
  } finally {
    await handle?.close();
  }
}

/** A file can grow while it is read. */
async function readAtMost(handle: FileHandle, most: number): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of handle.createReadStream({ autoClose: false, end: most })) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { bytes: Buffer.concat(chunks), isWhole: size <= most };
}

/** Editors on Windows may write UTF-16, and mark it. */
function decode(bytes: Buffer): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

function tooLarge(): FileContents {
  const most = bytesAtMost / 1024 / 1024;
  return { state: 'unread', why: `is larger than ${most} MB`, fix: 'check it yourself' };
}

function linked(why: string): FileContents {
  return {
    state: 'unread',
    why: `${why}, and links are not followed`,
    fix: 'check what it points to yourself',
  };
}

function failed(error: unknown): FileContents {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'absent' };
  if (code === 'ELOOP' || code === 'EMLINK') return linked('is a link');
  if (code === 'EACCES' || code === 'EPERM')
    return { state: 'unread', why: 'cannot be read by you', fix: 'run this as the user who owns it' };
  return {
    state: 'unread',
    why: `cannot be read (${code ?? 'for an unknown reason'})`,
    fix: 'check it yourself',
  };
}

/** True where a folder is there: hosts remember projects that are gone. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
