/** From a host that was asked for to the addresses that may be connected to: once, with nothing resolved again later. */
import dns from 'node:dns/promises';
import net from 'node:net';
import { classifyAddress } from './address-policy.js';
import { normalizeHost } from './hosts.js';
import type { Settings } from './settings.js';
import type { ResolvedAddress } from './types.js';

/** Lookups at a time for one client: the system's resolver has few places, and all clients share them. */
const lookupsPerClient = 2;
/** A name with more addresses than that is not tried to the end. */
const mostAddresses = 8;

export type Refusal = 'invalid-target' | 'not-allowed' | 'private-address' | 'unreachable-address';

/** A target that the policy refuses: `code` EINVAL or EACCES. */
export class RefusedTarget extends Error {
  readonly code: string;

  constructor(readonly refusal: Refusal) {
    super(`refused: ${refusal}`);
    this.code = refusal === 'invalid-target' ? 'EINVAL' : 'EACCES';
  }
}

/** The lookups of one client, in order. */
export class LookupQueue {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < lookupsPerClient) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // Whoever waits takes the place over.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

export class TargetResolver {
  readonly #settings: Settings;
  readonly #lookup: (hostname: string) => Promise<ResolvedAddress[]>;
  /** Lookups under way, which all who ask for the name wait for together. */
  readonly #underWay = new Map<string, Promise<ResolvedAddress[]>>();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#lookup = settings.lookup ?? ((hostname) => dns.lookup(hostname, { all: true, verbatim: true }));
  }

  /**
   * The checked addresses of a target, as literals. One address of a name that may not be reached condemns the name.
   *
   * @throws RefusedTarget, or what the lookup threw
   */
  async resolve(host: string, port: number, queue: LookupQueue): Promise<string[]> {
    const name = normalizeHost(host);
    if (name === null || port === 0) throw new RefusedTarget('invalid-target');
    if (!this.#settings.allow.allows(name, port)) throw new RefusedTarget('not-allowed');
    if (net.isIP(name) !== 0) return [this.#check(name)];
    const found = await queue.run(() => this.#lookupOnce(name));
    if (found.length === 0) throw Object.assign(new Error(`no address: ${name}`), { code: 'ENOTFOUND' });
    return found.map(({ address }) => this.#check(address)).slice(0, mostAddresses);
  }

  #check(address: string): string {
    const kind = classifyAddress(address);
    if (kind === 'unreachable') throw new RefusedTarget('unreachable-address');
    if (kind === 'private' && !this.#settings.allowPrivate) throw new RefusedTarget('private-address');
    return normalizeHost(address)!;
  }

  #lookupOnce(name: string): Promise<ResolvedAddress[]> {
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return underWay;
    const lookup = this.#lookup(name).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, lookup);
    return lookup;
  }
}
