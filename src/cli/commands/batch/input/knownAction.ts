import { isRepeatable } from '../../../../client/index.ts';
import { isFrame, type Frame } from '../../../../protocol/frames.ts';
import { isAction, isFreeForm, schemaOf, type ActionName, type JsonSchema } from '../../../../protocol/schema.ts';
import { actionValidator } from '../../../../protocol/validation.ts';
import { own } from '../../../../protocol/own.ts';

/** The fields of an action, nested ones included; `open` is a value that may hold anything. */
interface Shape {
  readonly fields: ReadonlyMap<string, Shape | 'open'>;
}

/** The facts about an action that each of its lines needs, looked up once. */
export interface KnownAction {
  /** Undefined for an action that the protocol does not have. */
  readonly name: ActionName | undefined;
  readonly needsToken: boolean;
  /** True if it may be sent again after it was sent. */
  readonly isRepeatable: boolean;
  readonly isSubscribe: boolean;
  /** True if a frame fits the schema and, unless unknown fields are allowed, has only fields of the action. */
  fits(frame: Frame, allowUnknown: boolean): boolean;
}

/** Remembers what is known of the actions that a batch uses. */
export class KnownActions {
  readonly #known = new Map<string, KnownAction>();

  of(action: string): KnownAction {
    let known = this.#known.get(action);
    if (known === undefined) {
      known = knownAction(action);
      if (this.#known.size < maxRemembered) this.#known.set(action, known);
    }
    return known;
  }
}

/** More names than this are not remembered: the protocol has fewer, so others are mistakes in the input. */
const maxRemembered = 200;

function knownAction(action: string): KnownAction {
  if (!isAction(action)) {
    const isRepeated = isRepeatable(action);
    return { name: undefined, needsToken: false, isRepeatable: isRepeated, isSubscribe: false, fits: () => true };
  }
  const schema = schemaOf(action);
  const validate = actionValidator(action);
  const shape = shapeOf(schema);
  return {
    name: action,
    needsToken: schema['x-permission'] !== undefined,
    isRepeatable: isRepeatable(action),
    isSubscribe: action.endsWith('/subscribe'),
    fits: (frame, allowUnknown) => validate(frame) && (allowUnknown || holdsOnly(shape, frame, true)),
  };
}

function shapeOf(schema: JsonSchema): Shape {
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, child]) => [name, child.properties === undefined || isFreeForm(child) ? 'open' : shapeOf(child)] as const,
  );
  return { fields: new Map(fields) };
}

function holdsOnly({ fields }: Shape, value: Frame, isRoot: boolean): boolean {
  for (const name in value) {
    const known = fields.get(name);
    if (known === 'open') continue;
    if (known === undefined) {
      if (isRoot && (name === 'action' || name === 'requestId')) continue;
      return false;
    }
    const child = own(value, name);
    if (isFrame(child) && !holdsOnly(known, child, false)) return false;
  }
  return true;
}
