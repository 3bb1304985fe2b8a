import { closeSync, openSync, readSync } from 'node:fs';
import type * as crypto from 'node:crypto';
import { sha1 } from '@noble/hashes/legacy.js';

/**
 * The little of `node:crypto` that a plain `ws://` connection needs, in its place: the build puts it there for the client's `ws`,
 * because loading Node's own costs a twentieth of a whole command. Random bytes come from the system's source all the same; the hash
 * only proves that a server understood the upgrade (RFC 6455 4.1). Where the source is missing, Node's crypto is asked.
 */
export function randomFillSync(buffer: Buffer, offset = 0, size = buffer.length - offset): Buffer {
  return filled(buffer, offset, size) ? buffer : nodeCrypto().randomFillSync(buffer, offset, size);
}

/** Random bytes of the system, `size` of them. */
export function randomBytes(size: number): Buffer {
  return randomFillSync(Buffer.alloc(size));
}

/** A SHA-1 of a text, in Base64: as much of `crypto.createHash` as an upgrade needs; other hashes are Node's. */
export function createHash(name: string): crypto.Hash | TextHash {
  return name === 'sha1' ? new TextHash() : nodeCrypto().createHash(name);
}

/** Collects a text and gives its SHA-1. */
export class TextHash {
  #text = '';

  update(text: string): this {
    this.#text += text;
    return this;
  }

  digest(encoding: BufferEncoding): string {
    return Buffer.from(sha1(Buffer.from(this.#text, 'latin1'))).toString(encoding);
  }
}

function nodeCrypto(): typeof crypto {
  return process.getBuiltinModule('node:crypto');
}

function filled(buffer: Buffer, offset: number, size: number): boolean {
  try {
    const source = openSync('/dev/urandom', 'r');
    try {
      return readSync(source, buffer, offset, size, null) === size;
    } finally {
      closeSync(source);
    }
  } catch {
    return false;
  }
}
