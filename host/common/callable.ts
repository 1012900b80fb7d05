/** Node's older classes may be called without `new`; ECMAScript's may not. */

type Class = abstract new (...args: never[]) => object;

/**
 * The same class, callable either way. It stays the one that `instanceof`, `extends` and `constructor` see. `inherit` is
 * for a class that can be initialized on an object that exists already, as subclasses from before ES2015 want it.
 */
export function callable<C extends Class>(
  Class: C,
  inherit?: (self: object, args: unknown[]) => void,
): C & ((...args: ConstructorParameters<C>) => InstanceType<C>) {
  function construct(this: unknown, ...args: unknown[]): object {
    if (new.target === undefined && this instanceof construct) {
      if (inherit !== undefined) {
        inherit(this, args);
        return this;
      }
      // It cannot work then, and quietly making another object would hide that.
      throw new TypeError(`Class constructor ${Class.name} cannot be invoked without 'new'`);
    }
    // Objects of a class share a hidden class; those that a plain function is said to have made, of V8, have one each, and
    // every access to a property is then a slow one.
    const isOwn = new.target === undefined || new.target === construct;
    return Reflect.construct(Class as unknown as new () => object, args, isOwn ? Class : new.target) as object;
  }
  Object.setPrototypeOf(construct, Object.getPrototypeOf(Class) as object);
  Object.defineProperty(construct, 'name', { value: Class.name, configurable: true });
  Object.defineProperty(construct, 'prototype', { value: Class.prototype, writable: false });
  Object.defineProperty(Class.prototype, 'constructor', { value: construct, configurable: true, writable: true });
  return construct as unknown as C & ((...args: ConstructorParameters<C>) => InstanceType<C>);
}
