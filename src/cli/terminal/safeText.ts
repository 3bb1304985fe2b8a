/** Control characters, C1 included, and the marks that reorder or hide text on a terminal. */
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Text that came from elsewhere, made safe for a terminal: control characters become `\u001b`; tabs and line ends stay.
 */
export function safeText(text: string): string {
  return text.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Like `safeText`, on one line. */
export function safeLine(text: string): string {
  return safeText(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

/** A value to be quoted in a message: on one line and not too long. */
export function cutText(text: string, length = 60): string {
  const line = safeLine(text);
  return line.length <= length ? line : `${line.slice(0, length)}…`;
}
