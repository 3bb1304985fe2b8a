import type { Handler } from '../rights/caller.ts';
import type { Fields } from '../reading/fields.ts';
import type { Hive } from '../hive.ts';
import { refuse } from '../outcome.ts';
import { isTooShort, tooShortText } from '../rights/tokens.ts';
import { secretName, type Property } from '../store/configuration.ts';
import { refuseNul, refuseViolations, required, sized } from './validation.ts';

/** Returns a configuration property (PROTOCOL.md 4.8). */
export const get: Handler<'configuration/get'> = (request, { hive }) => {
  const { id, name, value, entityVersion } = existing(hive, requiredName(request));
  return { configuration: { id, name, value, entityVersion } };
};

/**
 * Sets a configuration property. The reply has no id for a new property, and the version before the change (PROTOCOL.md
 * 4.9; 7, Q28).
 */
export const put: Handler<'configuration/put'> = (request, { hive }) => {
  const name = requiredName(request);
  const value = request.text('value');
  if (name.length === 0 || name.length > 32) {
    return refuse(400, "Name cannot be empty. The name's length should not be more than 32 symbols.");
  }
  const valueRule = 'Field cannot be empty. The length of value should not be more than 128 symbols.';
  refuseViolations([required('value', value), sized('value', value, [1, 128], valueRule)]);
  const text = value ?? '';
  refuseNul(name, text);
  // the next start would refuse it, and the administrator could not log in to mend it
  if (name === secretName && isTooShort(text)) return refuse(400, tooShortText);
  const id = hive.configuration.byName(name)?.id ?? null;
  const entityVersion = hive.configuration.put(name, text) ?? 0;
  return { configuration: { id, name, value: text, entityVersion } };
};

/** Deletes a configuration property (PROTOCOL.md 4.10). */
const remove: Handler<'configuration/delete'> = (request, { hive }) => {
  hive.configuration.delete(existing(hive, requiredName(request)));
  return {};
};

export { remove as delete };

function requiredName(request: Fields): string {
  return request.text('name') ?? refuse(400, 'Configuration name is wrong or empty');
}

function existing(hive: Hive, name: string): Property {
  return (
    hive.configuration.byName(name) ?? refuse(404, `Requested config with name = ${name} not found in the database`)
  );
}
