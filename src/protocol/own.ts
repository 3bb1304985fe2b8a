/**
 * What an object itself has under a name: names from outside may be those of what every object inherits, such as
 * `constructor`. Undefined where there is no object either.
 */
export function own<Value>(object: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Gives an object a field of its own, whatever its name: assigning `__proto__` would change what it inherits. */
export function setOwn<Value>(object: Record<string, Value>, name: string, value: NoInfer<Value>): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
