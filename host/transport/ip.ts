/** Which texts are IP addresses: `net.isIP()` and its two sisters. */

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);
const group = /^[\da-f]{1,4}$/i;
const zone = /%[\da-z\-.:]+$/i;

export function isIPv4(text: unknown): boolean {
  return ipv4.test(String(text));
}

/** RFC 4291, section 2.2, with the zone of RFC 4007, section 11. */
export function isIPv6(text: unknown): boolean {
  const address = String(text).replace(zone, '');
  // Most texts are names, and asked about several times for each connection.
  if (!address.includes(':')) return false;
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1)!;
  let count = groups.reduce((total, { length }) => total + length, 0);
  if (last.length > 0 && isIPv4(last.at(-1))) {
    last.pop();
    count += 1;
  }
  const complete = halves.length === 2 ? count <= 7 : count === 8;
  return complete && groups.flat().every((text) => group.test(text));
}

export function isIP(text: unknown): 0 | 4 | 6 {
  if (isIPv4(text)) return 4;
  return isIPv6(text) ? 6 : 0;
}

export function familyName(address: string): 'IPv4' | 'IPv6' | undefined {
  const family = isIP(address);
  return family === 0 ? undefined : family === 4 ? 'IPv4' : 'IPv6';
}
