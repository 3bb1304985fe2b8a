import { Failure } from '../../errors.ts';
import { isFrame, type Frame } from '../../protocol/frames.ts';
import { own } from '../../protocol/own.ts';

/** A token as it was found in a text, and what stood beside it. */
export interface TokenText {
  readonly token: string;
  /** Of JSON: the refresh token in it. */
  readonly refreshToken?: string;
  /** Of a JSON object: all of it. */
  readonly document?: Frame;
}

/** Byte-order marks and characters without width: copying from pages and editors leaves them. */
const invisible = /[\u200b-\u200d\u2060\ufeff]/g;

/** The characters of a token (RFC 6750, 2.1); JWTs match it too. */
const tokenPattern = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * Reads a token in any form that people have it: alone, after `Bearer`, as a JSON string, or in JSON under its name.
 * Throws an invalid `Failure` that completes "--flag …" for what cannot be a token; its message never shows the text.
 */
export function tokenIn(given: string, name: 'accessToken' | 'refreshToken' = 'accessToken'): TokenText {
  const text = given.replace(invisible, '').trim();
  if (text === '') throw unusable('is empty', name);
  if (!/^["{[]/.test(text)) return { token: bare(text, name) };
  const value = parsed(text, name);
  if (typeof value === 'string') return { token: bare(value.replace(invisible, '').trim(), name) };
  const token = isFrame(value) ? own(value, name) : undefined;
  if (!isFrame(value) || typeof token !== 'string') throw unusable(`has no ${name}`, name);
  const refreshToken = own(value, 'refreshToken');
  return {
    token: bare(token, name),
    ...(name === 'accessToken' && typeof refreshToken === 'string' ? { refreshToken } : {}),
    document: value,
  };
}

function bare(text: string, name: string): string {
  const token = text.replace(/^Bearer\s+/i, '');
  if (tokenPattern.test(token)) return token;
  throw unusable(/\s/.test(token) ? 'holds more than a token' : 'holds what cannot be a token', name);
}

/** The parser's own message would show a part of the text. */
function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unusable('starts like JSON but cannot be parsed', name);
  }
}

function unusable(problem: string, name: string): Failure {
  const what = name === 'accessToken' ? 'an access token' : 'a refresh token';
  return new Failure('invalid', problem, { hint: `It must hold ${what}, or JSON with "${name}".` });
}
