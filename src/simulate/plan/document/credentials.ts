import { closest } from '../../../protocol/notation/closest.ts';
import type { Documents } from '../../../protocol/generated/types.ts';
import { withIndex } from '../device.ts';
import type { CsvFile } from '../generators/generator.ts';
import type { Fleet } from '../model.ts';
import type { Problems } from '../problems.ts';

type CredentialsDocument = NonNullable<Documents['plan']['fleets'][number]['credentials']>;
type CredentialDocument = NonNullable<CredentialsDocument['login']>;

/** The devices that need credentials, and the access to their files. */
interface CredentialsScope {
  readonly count: number;
  readonly first: number;
  readonly table: (file: string) => CsvFile | string;
}

/**
 * Returns a function for the credentials of each device of a fleet; undefined if the document has none, or invalid
 * ones.
 */
export function deviceCredentials(
  { token, login, password }: CredentialsDocument,
  scope: CredentialsScope,
  problems: Problems,
): Fleet['credentials'] {
  if (token !== undefined && login === undefined && password === undefined) {
    const tokens = textsOf(token, scope, problems.at('token'));
    return (nth) => ({ accessToken: tokens(nth) });
  }
  if (token !== undefined || login === undefined || password === undefined) {
    problems.tell('needs token alone, or login and password');
    return undefined;
  }
  const logins = textsOf(login, scope, problems.at('login'));
  const passwords = textsOf(password, scope, problems.at('password'));
  return (nth) => ({ login: logins(nth), password: passwords(nth) });
}

/** Returns a function for the text of each device, counted from 0. */
function textsOf(
  document: CredentialDocument,
  { count, first, table }: CredentialsScope,
  problems: Problems,
): (nth: number) => string {
  if (typeof document === 'string') return (nth) => withIndex(document, first + nth);
  // parts that do not pass the schema were left out
  const { csv = {} } = document as { readonly csv?: Partial<typeof document.csv> };
  const { file, column } = csv;
  if (file === undefined || column === undefined) return () => '';
  const read = table(file);
  const wrong =
    typeof read === 'string' ? `names the file ${file}, which ${read}` : problemOf(read, { file, column }, count);
  if (wrong !== undefined || typeof read === 'string') {
    problems.tell(wrong ?? '', 'csv');
    return () => '';
  }
  const index = read.columns.indexOf(column);
  return (nth) => read.cells[nth]?.[index] ?? '';
}

function problemOf(
  { columns, cells }: CsvFile,
  { file, column }: { readonly file: string; readonly column: string },
  count: number,
): string | undefined {
  const index = columns.indexOf(column);
  if (index === -1) {
    const likely = closest(column, columns);
    return `names the column ${column}, but ${file} has ${columns.join(', ')}${likely === undefined ? '' : ` (did you mean ${likely}?)`}`;
  }
  if (cells.length < count) return `has ${cells.length} rows in ${file} for ${count} devices`;
  const empty = cells.findIndex((row, nth) => nth < count && (row[index] ?? '') === '');
  return empty === -1 ? undefined : `has an empty ${column} in row ${empty} of ${file}`;
}
