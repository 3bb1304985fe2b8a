import { own } from '../../../protocol/own.ts';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Escapes text for HTML, SVG and XML, between tags and in attributes; control characters, which those do not allow,
 * become U+FFFD.
 */
export function escapeMarkup(text: string): string {
  const printable = text.replace(
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    '\ufffd',
  );
  return printable.replace(/[&<>"']/g, (sign) => own(escapes, sign) ?? sign);
}
