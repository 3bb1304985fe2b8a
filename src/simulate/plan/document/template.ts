import { readArguments, shownValue } from '../generators/arguments.ts';
import type { Generator, Produce, Scope } from '../generators/generator.ts';
import { generators } from '../generators/index.ts';
import type { JsonFields, GeneratorMemory, ValueMoment, Template } from '../model.ts';
import { hasVariable, variableText } from './variables.ts';
import { own } from '../../../protocol/own.ts';

/** The place of a payload in its plan, and what its generators may ask of the plan. */
export interface TemplateScope extends Omit<Scope, 'slot' | 'problem'> {
  /** Reports a problem of the value at a path inside the payload. */
  problem(path: readonly string[], message: string): void;
}

/** One value of a payload: constant, or made each time. */
type Node =
  { readonly kind: 'constant'; readonly value: unknown } | { readonly kind: 'made'; readonly produce: Produce };

/** Payloads nested more deeply are refused: no device sends such. */
const maxDepth = 100;

/**
 * Compiles parameters, a result or a state. An object whose only key is a generator's name is that generator; anything
 * else stays itself, with the variables of DeviceHive's Python simulator in its texts. The outermost object is never a
 * generator, except for those that make whole objects (`csv`, `path`). Problems go to the scope; the template then
 * covers only the rest.
 */
export function compileTemplate(content: JsonFields, scope: TemplateScope): Template {
  return new Compiler(scope).template(content);
}

class Compiler {
  readonly #scope: TemplateScope;
  #slots = 0;

  constructor(scope: TemplateScope) {
    this.#scope = scope;
  }

  template(content: JsonFields): Template {
    const outermost = this.#outermost(content);
    const node = outermost === undefined ? this.#object(content, []) : this.#generator(outermost, content, []);
    const slots = this.#slots;
    return {
      isConstant: node.kind === 'constant',
      remember: (): GeneratorMemory | undefined =>
        slots === 0 ? undefined : new Array<unknown>(slots).fill(undefined),
      produce:
        node.kind === 'constant' ? () => node.value as JsonFields : (moment) => node.produce(moment) as JsonFields,
    };
  }

  /**
   * Returns the generator of a whole payload, if it makes objects. Reports any other that stands there: it needs a
   * field around it.
   */
  #outermost(content: JsonFields): Generator | undefined {
    const generator = generatorOf(content);
    if (generator === undefined) return undefined;
    if (generator.name === 'csv' || generator.name === 'path') return generator;
    const isMeant = !literalAtTop.has(generator.name) && isArgument(generator, own(content, generator.name));
    if (isMeant)
      this.#scope.problem(
        [generator.name],
        `needs a field around it, such as {"value": ${shownValue(content)}}; where a field of this name is meant, write {"${generator.name}": {"constant": …}}`,
      );
    return undefined;
  }

  #node(value: unknown, path: readonly string[]): Node {
    if (typeof value === 'string')
      return hasVariable(value) ? { kind: 'made', produce: variableText(value) } : { kind: 'constant', value };
    if (typeof value !== 'object' || value === null) return { kind: 'constant', value };
    if (path.length > maxDepth) {
      this.#scope.problem(path.slice(0, 3), `is nested deeper than ${maxDepth} levels`);
      return { kind: 'constant', value: null };
    }
    if (Array.isArray(value)) return this.#list(value, path);
    const generator = generatorOf(value as JsonFields);
    return generator === undefined
      ? this.#object(value as JsonFields, path)
      : this.#generator(generator, value as JsonFields, path);
  }

  #generator(generator: Generator, content: JsonFields, path: readonly string[]): Node {
    const at = [...path, generator.name];
    const problem = (message: string): undefined => {
      this.#scope.problem(at, message);
      return undefined;
    };
    const given = readArguments(generator, own(content, generator.name), problem);
    if (given === undefined) return { kind: 'constant', value: null };
    const produce = generator.compile(given, { ...this.#scope, problem, slot: () => this.#slots++ });
    if (produce === undefined) return { kind: 'constant', value: null };
    return generator.name === 'constant'
      ? { kind: 'constant', value: (given['value'] as { readonly value: unknown }).value }
      : { kind: 'made', produce };
  }

  #list(items: readonly unknown[], path: readonly string[]): Node {
    const nodes = items.map((item, index) => this.#node(item, [...path, String(index)]));
    if (nodes.every(({ kind }) => kind === 'constant'))
      return { kind: 'constant', value: items.map(constantOf(nodes)) };
    const makers = nodes.map(makerOf);
    return { kind: 'made', produce: (moment) => makers.map((make) => make(moment) ?? null) };
  }

  #object(content: JsonFields, path: readonly string[]): Node {
    const names = Object.keys(content);
    if (names.includes('__proto__')) this.#scope.problem([...path, '__proto__'], 'cannot be the name of a field');
    const nodes = names.map((name) => this.#node(own(content, name), [...path, name]));
    if (nodes.every(({ kind }) => kind === 'constant')) {
      const value = Object.fromEntries(names.map((name, index) => [name, constantOf(nodes)(undefined, index)]));
      return { kind: 'constant', value };
    }
    return { kind: 'made', produce: objectMaker(names, nodes.map(makerOf)) };
  }
}

/** Returns a producer of objects; fields without a value are left out. */
function objectMaker(names: readonly string[], makers: readonly Produce[]): Produce {
  return (moment: ValueMoment) => {
    const object: Record<string, unknown> = {};
    for (let index = 0; index < names.length; index++) {
      const value = makers[index]?.(moment);
      // `__proto__` was refused
      // eslint-disable-next-line house/own-lookups
      if (value !== undefined) object[names[index] ?? ''] = value;
    }
    return object;
  };
}

function makerOf(node: Node): Produce {
  return node.kind === 'made' ? node.produce : () => node.value;
}

function constantOf(nodes: readonly Node[]): (item: unknown, index: number) => unknown {
  return (_, index) => (nodes[index] as Node & { kind: 'constant' }).value;
}

/** Generator names that are just as likely meant as fields: `{"state": "on"}`. */
const literalAtTop: ReadonlySet<string> = new Set(['constant', 'timestamp', 'uuid', 'state', 'parameter']);

/**
 * Returns the generator that an object stands for, whose only key is its name. Payloads of the Python simulator work
 * unchanged, even if a field has such a name: `{"timestamp": "$timestamp"}`.
 */
function generatorOf(value: JsonFields): Generator | undefined {
  const [name, ...others] = Object.keys(value);
  const generator = name === undefined || others.length > 0 ? undefined : generators.get(name);
  if (generator === undefined || generator.name === 'constant') return generator;
  const given = own(value, generator.name);
  const isPayload = holdsVariable(given) && (typeof given === 'string' || !isArgument(generator, given));
  return isPayload ? undefined : generator;
}

function holdsVariable(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return hasVariable(value);
  if (typeof value !== 'object' || value === null || depth > maxDepth) return false;
  return Object.values(value).some((part) => holdsVariable(part, depth + 1));
}

function isArgument(generator: Generator, given: unknown): boolean {
  let isGood = typeof given === 'object' && given !== null;
  if (isGood) readArguments(generator, given, () => (isGood = false));
  return isGood;
}
