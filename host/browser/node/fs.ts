/** There are no files: nothing exists, and whatever opens one is told so as it is told of a missing file. */
import { Buffer } from 'node:buffer';
import { Readable, Writable } from 'node:stream';
import * as promises from 'node:fs/promises';
import { unavailable } from './absent.js';

export { promises };

export const existsSync = (): boolean => false;

class ReadStream extends Readable {
  override _read(): void {
    this.destroy(unavailable('fs.createReadStream'));
  }
}

class WriteStream extends Writable {
  override _write(_chunk: Buffer, _encoding: BufferEncoding, callback: (error: Error) => void): void {
    callback(unavailable('fs.createWriteStream'));
  }
}

export { ReadStream, WriteStream };
export const createReadStream = (): ReadStream => new ReadStream();
export const createWriteStream = (): WriteStream => new WriteStream();
