/**
 * What Node has and this library does not have yet. Each says so when it is used: nothing here is ignored, and
 * nothing pretends.
 */
import { notImplemented } from './errors.js';

const missingOptions = ['NPNProtocols'] as const;

export function refuseMissingOptions(options: object): void {
  for (const name of missingOptions) {
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined && value !== null) throw notImplemented(`The '${name}' option`);
  }
}
