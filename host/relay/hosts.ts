/** Names and addresses in one spelling each, so that a policy can compare them. */
import net from 'node:net';

// What a host may consist of: no escapes, no delimiters of a URL, no white space, nothing that cannot be seen.
// eslint-disable-next-line no-control-regex -- they are what it refuses
const foreign = /[\u0000-\u0020\u007f%/\\?#@<>^|:[\]]/;

/**
 * Lower case, without the dot of a fully qualified name, IDNA as A-labels, addresses in their usual spelling and IPv6
 * without brackets. What the system's resolver would read as an IPv4 address (`0x7f.1`, `2130706433`, `0177.0.0.1`) is that
 * address; an IPv4 address inside of `::ffff:0:0/96` is an IPv4 address.
 *
 * @returns null when it is not a host
 */
export function normalizeHost(host: string): string | null {
  const literal = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  if (net.isIPv6(literal)) return literal.includes('%') ? null : unmapped(hostOfUrl(`[${literal}]`)!.slice(1, -1));
  if (host === '' || host.length > 1024 || foreign.test(host)) return null;
  const name = hostOfUrl(host)?.replace(/\.$/, '') ?? '';
  // Each label has 63 octets at most, all of them 253: RFC 1035, section 2.3.4.
  if (name === '' || name.length > 253 || name.split('.').some((label) => label === '' || label.length > 63))
    return null;
  return name;
}

/** Whether it is an address, in whatever spelling, and no name. */
export function isAddress(host: string): boolean {
  return net.isIP(normalizeHost(host) ?? '') !== 0;
}

// The host parser of the URL Standard knows all of these spellings, and IDNA.
function hostOfUrl(host: string): string | null {
  try {
    return new URL(`http://${host}/`).hostname;
  } catch {
    return null;
  }
}

// `::ffff:a00:1`, as the URL Standard writes it, is 10.0.0.1.
function unmapped(address: string): string {
  const halves = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (halves === null) return address;
  const [high, low] = [parseInt(halves[1]!, 16), parseInt(halves[2]!, 16)];
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}
