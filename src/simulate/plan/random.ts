import type { Random } from './model.ts';

/**
 * A random stream that is the same wherever and whenever it is made: it depends only on the seed and its purpose, such
 * as a device's id and the name of a notification. The generator is Chris Doty-Humphrey's sfc32; its four words come
 * from a 128-bit hash.
 */
export class Stream implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `seed` is any safe integer ≥ 0. */
  constructor(seed: number, ...purpose: readonly (string | number)[]) {
    const [a, b, c, counter] = hash(`${seed}\0${purpose.join('\0')}`);
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#counter = counter;
    for (let round = 0; round < 12; round++) this.#next();
  }

  /** Returns a number 0 ≤ value < 1, in steps of 2^-32. */
  unit(): number {
    return (this.#next() >>> 0) / 4_294_967_296;
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum;
  }
}

/** Returns four 32-bit words for a text, from two MurmurHash3 lanes with different seeds and their finalizer. */
function hash(text: string): [number, number, number, number] {
  let one = 0x9e37_79b9;
  let two = 0x243f_6a88;
  for (let at = 0; at < text.length; at++) {
    const code = Math.imul(text.charCodeAt(at), 0xcc9e_2d51);
    const word = Math.imul((code << 15) | (code >>> 17), 0x1b87_3593);
    one ^= word;
    one = (Math.imul((one << 13) | (one >>> 19), 5) + 0xe654_6b64) | 0;
    two ^= word;
    two = (Math.imul((two << 17) | (two >>> 15), 9) + 0x38b3_4ae5) | 0;
  }
  one = finalized(one ^ text.length);
  two = finalized(two ^ text.length);
  return [one, two, finalized((one + Math.imul(two, 5)) | 0), finalized((two + Math.imul(one, 3)) | 0)];
}

function finalized(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

/** Returns a whole number 0 ≤ value < limit. */
export function whole(random: Random, limit: number): number {
  return Math.floor(random.unit() * limit);
}

/**
 * Returns a value of the normal distribution with mean 0 and deviation 1 (Box-Muller transform; each call draws two
 * numbers).
 */
export function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.unit()));
  return radius * Math.cos(2 * Math.PI * random.unit());
}
