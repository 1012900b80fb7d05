/** Node's older classes may be called without `new`; ECMAScript's may not. */

type Class = abstract new (...args: never[]) => object;

/** The same class, callable either way. It stays the one that `instanceof`, `extends` and `constructor` see. */
export function callable<C extends Class>(Class: C): C & ((...args: ConstructorParameters<C>) => InstanceType<C>) {
  function construct(this: unknown, ...args: unknown[]): object {
    // `Class.call(this)` of a pre-ES2015 subclass cannot work, and quietly making another object would hide that.
    if (new.target === undefined && this instanceof construct) {
      throw new TypeError(`Class constructor ${Class.name} cannot be invoked without 'new'`);
    }
    return Reflect.construct(Class as unknown as new () => object, args, new.target ?? construct) as object;
  }
  Object.setPrototypeOf(construct, Object.getPrototypeOf(Class) as object);
  Object.defineProperty(construct, 'name', { value: Class.name, configurable: true });
  Object.defineProperty(construct, 'prototype', { value: Class.prototype, writable: false });
  Object.defineProperty(Class.prototype, 'constructor', { value: construct, configurable: true, writable: true });
  return construct as unknown as C & ((...args: ConstructorParameters<C>) => InstanceType<C>);
}
