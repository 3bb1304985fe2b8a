import { readFileSync } from 'node:fs';

/** Put in by the build; absent when the sources run through tsx. */
declare const DEVICEHIVE_VERSION: string | undefined;

/** The version of this package. */
export function version(): string {
  if (typeof DEVICEHIVE_VERSION === 'string') return DEVICEHIVE_VERSION;
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
