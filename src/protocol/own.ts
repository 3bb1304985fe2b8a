/**
 * Returns an object's own property, or undefined; inherited ones such as `constructor` do not count, because names may
 * come from outside. The object may be undefined.
 */
export function own<Value>(object: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Sets an object's own property, whatever its name: assigning `__proto__` would change the prototype instead. */
export function setOwn<Value>(object: Record<string, Value>, name: string, value: NoInfer<Value>): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
