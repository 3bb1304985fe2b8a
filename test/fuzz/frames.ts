import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Random } from './random.ts';

/** One thing that a fuzzer sends: a text message, a binary one, a text that may not be UTF-8, or bytes without frames. */
export type Missile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary' | 'bytes' | 'wire'; readonly data: Buffer };

const scalars: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 1.5, 42, 1e21, 2 ** 53, -0, 1e308, '', ' ', '1', 'd1', 'é✓', '%', '_'],
  ...['\0', 'a\0b', '\ud800', '\u2028', '__proto__', 'constructor', 'timestamp', '2024-01-01', 'null', '*', 'NaN'],
  ...['\x1b[2J', 'x'.repeat(200), '$device-add', 'eyJhbGciOiJIUzI1NiJ9.e30.x', '1e400', '0x10', '-5'],
];

const odd: readonly string[] = [
  ...['', ' ', 'null', '1', '"x"', '[]', '{}', '{', '}', '[[[', '{"action":', "{'action':'server/info'}", 'NaN', '\0'],
  ...[
    '{action=server/info;x=>1}',
    '/*',
    '{/**/}',
    '#',
    '\ufeff{}',
    '{"action":"a","action":"b"}',
    '{"a":1e999}',
    '\\u',
  ],
];

/** Returns a JSON value of any shape. */
export function anyValue(random: Random, names: readonly string[], depth = 0): unknown {
  const roll = random.next();
  if (depth > 3 || roll < 0.7) return random.pick(scalars);
  if (roll < 0.82) return Array.from({ length: random.below(4) }, () => anyValue(random, names, depth + 1));
  return anyObject(random, names, depth + 1);
}

/** Returns a JSON object with some of these names, or names that objects inherit. */
export function anyObject(random: Random, names: readonly string[], depth = 0): Record<string, unknown> {
  const entries = Array.from({ length: random.below(5) }, () => {
    const name = random.next() < 0.05 ? random.pick(['__proto__', 'constructor', 'toString', '']) : random.pick(names);
    return [name, anyValue(random, names, depth)] as const;
  });
  // defines `__proto__` like any other name
  return Object.fromEntries(entries);
}

/** Returns the frame itself in most cases, else something made of it, or of nothing. */
export function missile(random: Random, frame: object): Missile {
  const roll = random.next();
  if (roll < 0.85) return text(JSON.stringify(frame));
  if (roll < 0.98) return text(bent(random, JSON.stringify(frame)));
  if (roll < 0.9825) return { kind: 'binary', data: Buffer.from(JSON.stringify(frame)) };
  if (roll < 0.985) return { kind: 'bytes', data: Buffer.from([0x7b, 0xff, 0xfe, random.below(256), 0xc0, 0x7d]) };
  if (roll < 0.9875) return { kind: 'wire', data: Buffer.from(Array.from({ length: 40 }, () => random.below(256))) };
  if (roll < 0.9995) return text(nested(random, frame));
  return text(JSON.stringify({ ...frame, large: 'é'.repeat(512 * 1024 * (1 + random.below(6))) }));
}

function text(value: string): Missile {
  return { kind: 'text', text: value };
}

/** Cuts a text, changes a character of it, doubles a part of it, or replaces it. */
function bent(random: Random, frame: string): string {
  const at = random.below(frame.length);
  const roll = random.below(4);
  if (roll === 0) return frame.slice(0, at);
  if (roll === 1) return `${frame.slice(0, at)}${String.fromCharCode(random.below(256))}${frame.slice(at + 1)}`;
  if (roll === 2) return frame.slice(0, at) + frame.slice(random.below(frame.length));
  return random.pick(odd);
}

const maxDeep = 10_000;

/** Returns a frame with lists or objects in each other, up to 10,000 of them, closed or not. */
function nested(random: Random, frame: object): string {
  const levels = random.pick([10, 500, 999, 1001, 3000, maxDeep]);
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['{"__proto__":', '}'],
  ] as const);
  const middle = open === '[' ? '' : '1';
  const value = open.repeat(levels) + middle + (random.next() < 0.8 ? close.repeat(levels) : '');
  const start = JSON.stringify(frame).slice(0, -1);
  return `${start}${start === '{' ? '' : ','}"${random.pick(['data', 'x', 'requestId', 'error', 'parameters'])}":${value}}`;
}

/** Sends it over a socket, or into the bytes below it. */
export function shoot(socket: WebSocket, shot: Missile): void {
  if (shot.kind === 'text') socket.send(shot.text);
  else if (shot.kind === 'wire') (socket as unknown as { _socket: Duplex })._socket.write(shot.data);
  // `bytes` go out as a text message
  else socket.send(shot.data, { binary: shot.kind === 'binary' });
}
