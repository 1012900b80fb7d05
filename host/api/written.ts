/** What a stream hands to its `_write()` and `_writev()`. A net.Socket's strings come as they are. */
export interface Written {
  chunk: Buffer | string;
  encoding: BufferEncoding;
}

export function toBuffer({ chunk, encoding }: Written): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}
