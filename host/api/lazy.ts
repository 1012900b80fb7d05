/** `make()`, once, when it is first needed. */
export function lazy<T>(make: () => T): () => T {
  let value: { it: T } | undefined;
  return () => (value ??= { it: make() }).it;
}
