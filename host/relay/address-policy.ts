/** Which addresses a relay connects to. */
import net from 'node:net';
import { normalizeHost } from './hosts.js';

type Subnet = readonly [address: string, prefix: number];

// Reached only where the operator says so: networks that are not the public one, and ways to reach them in disguise.
const privateNetworks: readonly Subnet[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carrier-grade NAT: RFC 6598
  ['127.0.0.0', 8],
  ['169.254.0.0', 16], // link-local, and the metadata services of clouds
  ['172.16.0.0', 12],
  ['192.0.0.0', 24], // protocol assignments: RFC 6890
  ['192.0.2.0', 24], // documentation, as are the next but two
  ['192.88.99.0', 24], // relays for 6to4: RFC 7526
  ['192.168.0.0', 16],
  ['198.18.0.0', 15], // benchmarks: RFC 2544
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['::1', 128],
  ['64:ff9b::', 96], // NAT64, with an IPv4 address inside: RFC 6052
  ['64:ff9b:1::', 48], // RFC 8215
  ['2001::', 32], // Teredo
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, with an IPv4 address inside: RFC 3056
  ['3fff::', 20], // documentation: RFC 9637
  ['fc00::', 7], // unique local: RFC 4193
  ['fe80::', 10],
  ['fec0::', 10], // site-local: RFC 3879
];

// Never a target of TCP.
const unreachable: readonly Subnet[] = [
  ['0.0.0.0', 8], // on Linux 0.0.0.0 is the machine itself
  ['224.0.0.0', 4],
  ['240.0.0.0', 4], // reserved, and the broadcast address
  ['::', 128],
  ['ff00::', 8],
];

// Of IPv6, what is assigned as global unicast: a range that is invented tomorrow is no hole.
const globalUnicast: readonly Subnet[] = [['2000::', 3]];

function blockList(subnets: readonly Subnet[]): net.BlockList {
  const list = new net.BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, familyOf(address));
  return list;
}

const privateList = blockList(privateNetworks);
const unreachableList = blockList(unreachable);
const globalList = blockList(globalUnicast);

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return net.isIPv4(address) ? 'ipv4' : 'ipv6';
}

export type AddressClass = 'public' | 'private' | 'unreachable';

/** @param address IPv4 or IPv6; an IPv4 address in the disguise of IPv6 is judged as what it is */
export function classifyAddress(address: string): AddressClass {
  const plain = normalizeHost(address);
  if (plain === null || net.isIP(plain) === 0) return 'unreachable';
  const family = familyOf(plain);
  if (unreachableList.check(plain, family)) return 'unreachable';
  if (privateList.check(plain, family)) return 'private';
  return family === 'ipv4' || globalList.check(plain, family) ? 'public' : 'private';
}
