import './base.js';
import type nodeStream from 'node:stream';
import readableStream from 'readable-stream';

// Its declarations are those of an older version.
const stream = readableStream as unknown as typeof nodeStream;

export default stream;
export const {
  Duplex, PassThrough, Readable, Stream, Transform, Writable,
  addAbortSignal, finished, pipeline, promises,
} = stream; // prettier-ignore
