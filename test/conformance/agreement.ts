/** What placeholders of a vector stand for so far. */
export type Bindings = ReadonlyMap<string, unknown>;

/** How two values are held against each other. */
export interface AgreementOptions {
  /** Lists agree only in order. */
  readonly isOrdered: boolean;
}

const timestamp = /^\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}$/;
const placeholder = /\$\{(\w+(?::\d+)?)\}/g;

/** A value of a vector with its placeholders replaced by what they stand for. Throws where one is not bound. */
export function filled(value: unknown, bindings: Bindings): unknown {
  if (typeof value === 'string') return filledText(value, bindings);
  if (Array.isArray(value)) return value.map((item) => filled(item, bindings));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, filled(child, bindings)]));
}

function filledText(text: string, bindings: Bindings): unknown {
  const whole = /^\$\{(id:\d+)\}$/.exec(text)?.[1];
  if (whole !== undefined) return lookedUp(whole, bindings);
  return text.replaceAll(placeholder, (_all, name: string) => String(lookedUp(name.replace('idText', 'id'), bindings)));
}

function lookedUp(name: string, bindings: Bindings): unknown {
  if (!bindings.has(name)) throw new Error(`the vector uses \${${name}} before it is bound`);
  return bindings.get(name);
}

/** Whether what was received agrees with what was recorded: the bindings that make it so, or undefined. */
export function agree(
  expected: unknown,
  actual: unknown,
  bindings: Bindings,
  options: AgreementOptions,
): Bindings | undefined {
  if (typeof expected === 'string') return agreeText(expected, actual, bindings);
  if (Array.isArray(expected))
    return Array.isArray(actual) ? agreeLists(expected, actual, bindings, options) : undefined;
  if (typeof expected !== 'object' || expected === null) return expected === actual ? bindings : undefined;
  if (isToken(expected)) return agreeToken(expected, actual, bindings);
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return undefined;
  return agreeObjects(expected as Record<string, unknown>, actual as Record<string, unknown>, bindings, options);
}

function agreeText(expected: string, actual: unknown, bindings: Bindings): Bindings | undefined {
  if (expected === '${any}') return bindings;
  if (expected === '${timestamp}') return typeof actual === 'string' && timestamp.test(actual) ? bindings : undefined;
  if (expected === '${expiry}') return Number.isInteger(actual) ? bindings : undefined;
  const name = /^\$\{(id:\d+)\}$/.exec(expected)?.[1];
  if (name !== undefined && !bindings.has(name)) {
    return Number.isInteger(actual) ? new Map(bindings).set(name, actual) : undefined;
  }
  return filledText(expected, bindings) === actual ? bindings : undefined;
}

interface TokenPattern {
  readonly token: string;
  readonly claims: unknown;
}

function isToken(value: object): value is TokenPattern {
  return 'token' in value && 'claims' in value;
}

function agreeToken({ token, claims }: TokenPattern, actual: unknown, bindings: Bindings): Bindings | undefined {
  if (typeof actual !== 'string') return undefined;
  const body = JSON.parse(Buffer.from(actual.split('.')[1] ?? '', 'base64url').toString()) as { payload: unknown };
  const name = token.slice(2, -1);
  return agree(claims, body.payload, bindings, { isOrdered: false }) && new Map(bindings).set(name, actual);
}

function agreeObjects(
  expected: Record<string, unknown>,
  actual: Record<string, unknown>,
  bindings: Bindings,
  options: AgreementOptions,
): Bindings | undefined {
  if (Object.keys(expected).sort().join() !== Object.keys(actual).sort().join()) return undefined;
  let bound: Bindings | undefined = bindings;
  for (const [name, value] of Object.entries(expected)) {
    bound = bound && agree(value, actual[name], bound, options);
  }
  return bound;
}

function agreeLists(
  expected: readonly unknown[],
  actual: readonly unknown[],
  bindings: Bindings,
  options: AgreementOptions,
): Bindings | undefined {
  if (expected.length !== actual.length) return undefined;
  const [first, ...rest] = expected;
  if (expected.length === 0) return bindings;
  for (let index = 0; index < (options.isOrdered ? 1 : actual.length); index++) {
    const bound = agree(first, actual[index], bindings, options);
    const all = bound && agreeLists(rest, actual.toSpliced(index, 1), bound, options);
    if (all !== undefined) return all;
  }
  return undefined;
}
