import { mask } from './redaction.ts';

/** A parameter of a query whose name speaks of a secret. All repetitions are bounded: the text comes from outside. */
const secretParameter =
  /([?&;][\w.~%-]{0,40}(?:token|secret|passw|pwd|key|auth|sig|jwt|credential|session)[\w.~%-]{0,40}=)[^&;#\s'"<>]+/gi;
const login = /\b(wss?|https?):\/\/[^/?#\s'"@]{1,300}@/gi;

/** Returns a URL, or a text with URLs in it, with `***` in place of logins and of secrets in queries. */
export function withoutUrlSecrets(text: string): string {
  if (!/[@?]/.test(text)) return text;
  return text.replace(login, `$1://${mask}@`).replace(secretParameter, `$1${mask}`);
}
