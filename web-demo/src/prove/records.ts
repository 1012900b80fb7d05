/** What a listener can make of bytes: TLS records, and how random the rest looks. */

export interface TlsRecord {
  /** 22, 23, …; RFC 8446 §5.1. */
  type: number;
  offset: number;
  /** With the five bytes of the header. */
  bytes: Uint8Array;
  /** Of a record whose end is not among the bytes that were kept. */
  truncated: boolean;
}

const headerSize = 5;

export function splitRecords(bytes: Uint8Array): TlsRecord[] {
  const records: TlsRecord[] = [];
  for (let offset = 0; offset + headerSize <= bytes.length; ) {
    const length = headerSize + bytes[offset + 3]! * 256 + bytes[offset + 4]!;
    const record = bytes.subarray(offset, offset + length);
    records.push({ type: bytes[offset]!, offset, bytes: record, truncated: record.length < length });
    offset += length;
  }
  return records;
}

const names: Record<number, string> = {
  20: 'Change cipher spec',
  21: 'Alert',
  22: 'Handshake',
  23: 'Application data',
};

/** In the clear are a handshake's first messages alone. */
export const isReadable = ({ type }: TlsRecord): boolean => type !== 23;

export const recordName = ({ type }: TlsRecord): string => names[type] ?? `Type ${type}`;

export interface Measure {
  /** 0 for one and the same byte all over, 8 for perfect noise. */
  bitsPerByte: number;
  /** 0 to 1. Of noise, 95 of 256. */
  printable: number;
}

const isPrintable = (byte: number): boolean => (byte >= 32 && byte < 127) || byte === 10 || byte === 13;

export function measure(bytes: Uint8Array): Measure {
  const counts = new Uint32Array(256);
  let printable = 0;
  for (const byte of bytes) {
    counts[byte]! += 1;
    if (isPrintable(byte)) printable += 1;
  }
  const size = Math.max(1, bytes.length);
  let bitsPerByte = 0;
  for (const count of counts) if (count > 0) bitsPerByte -= (count / size) * Math.log2(count / size);
  return { bitsPerByte, printable: printable / size };
}

/** Where `part` begins in `whole`; -1 for nowhere. */
export function indexOf(whole: Uint8Array, part: Uint8Array): number {
  for (let at = 0; at + part.length <= whole.length; at += 1) {
    let same = 0;
    while (same < part.length && whole[at + same] === part[same]) same += 1;
    if (same === part.length) return at;
  }
  return -1;
}

export interface HexLine {
  offset: string;
  hex: string;
  text: string;
}

export function hexLines(bytes: Uint8Array, offset: number, width: number, most: number): HexLine[] {
  const lines: HexLine[] = [];
  for (let at = 0; at < bytes.length && lines.length < most; at += width) {
    const row = Array.from(bytes.subarray(at, at + width));
    lines.push({
      offset: (offset + at).toString(16).padStart(4, '0'),
      hex: row
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join(' ')
        .padEnd(width * 3 - 1), // as wide as a full one
      text: row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join(''),
    });
  }
  return lines;
}

export const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
