import lengths from 'ajv/dist/runtime/ucs2length.js';

/** A generated validator; its complaints are in `errors` until the next call. */
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly unknown[] | null;
}

/** A validator's code as ajv writes it: a CommonJS module. */
export type MakeValidator = (module: { exports: unknown }, require: (name: string) => unknown) => void;

/** A function that makes the validator at its first call and gives the same one ever after. */
export function once(maker: () => MakeValidator): () => Validator {
  let made: Validator | undefined;
  return () => {
    if (made === undefined) {
      const module: { exports: unknown } = { exports: undefined };
      maker()(module, runtime);
      made = module.exports as Validator;
    }
    return made;
  };
}

function runtime(name: string): unknown {
  if (name === 'ajv/dist/runtime/ucs2length') return { default: (lengths as { default?: unknown }).default ?? lengths };
  throw new Error(`no runtime part of ajv is bundled under the name ${name}`);
}
