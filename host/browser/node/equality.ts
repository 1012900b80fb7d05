/** `util.isDeepStrictEqual()`, and its lenient relative of `assert.deepEqual()`. */

type Pairs = WeakMap<object, WeakSet<object>>;

function sameSet(left: Set<unknown>, right: Set<unknown>, isSame: (a: unknown, b: unknown) => boolean): boolean {
  if (left.size !== right.size) return false;
  const others = [...right].filter((value) => !left.has(value));
  return [...left]
    .filter((value) => !right.has(value))
    .every((value) => {
      const index = others.findIndex((other) => isSame(value, other));
      if (index >= 0) others.splice(index, 1);
      return index >= 0;
    });
}

function sameBytes(left: ArrayBufferView, right: ArrayBufferView): boolean {
  const [a, b] = [left, right].map((view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return a?.length === b?.length && (a?.every((byte, index) => byte === b?.[index]) ?? false);
}

function sameObjects(left: object, right: object, strict: boolean, seen: Pairs): boolean {
  if (strict && Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  // A pair that is being compared already is equal as far as it itself is concerned.
  const partners = seen.get(left) ?? new WeakSet();
  if (partners.has(right)) return true;
  seen.set(left, partners.add(right));

  const isSame = (a: unknown, b: unknown): boolean => same(a, b, strict, seen);
  if (left instanceof Date) return right instanceof Date && Object.is(left.getTime(), right.getTime());
  if (left instanceof RegExp) return right instanceof RegExp && String(left) === String(right);
  if (ArrayBuffer.isView(left)) return ArrayBuffer.isView(right) && sameBytes(left, right);
  if (left instanceof Set) return right instanceof Set && sameSet(left, right, isSame);
  if (left instanceof Map) {
    if (!(right instanceof Map) || left.size !== right.size) return false;
    return [...left].every(([key, value]) => right.has(key) && isSame(value, right.get(key)));
  }
  if (left instanceof Error) {
    if (!(right instanceof Error) || left.name !== right.name || left.message !== right.message) return false;
  }
  for (const boxed of [Number, String, Boolean]) {
    if (left instanceof boxed && !(right instanceof boxed && left.valueOf() === right.valueOf())) return false;
  }
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && isSame(Reflect.get(left, key), Reflect.get(right, key)));
}

function same(left: unknown, right: unknown, strict: boolean, seen: Pairs): boolean {
  if (Object.is(left, right)) return true;
  const areObjects = [left, right].every((value) => typeof value === 'object' && value !== null);
  if (areObjects) return sameObjects(left as object, right as object, strict, seen);
  // eslint-disable-next-line eqeqeq -- what the lenient comparison is
  return !strict && (left == right || (left !== left && right !== right));
}

export function isDeepEqual(left: unknown, right: unknown, { strict }: { strict: boolean }): boolean {
  return same(left, right, strict, new WeakMap());
}
