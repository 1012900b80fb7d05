/** The part of `node:util` that argument errors need. */
import objectInspect from 'object-inspect';

export function inspect(value: unknown, options: { depth?: number } = {}): string {
  return objectInspect(value, options.depth === -1 ? { depth: 0 } : {});
}
