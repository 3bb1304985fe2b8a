const maxShortLength = 125;
const maxMediumLength = 0xffff;
const finalText = 0x81;
const masked = 0x80;

/** Random bytes are drawn in pools of this size: a key for each frame alone would cost more than all the rest. */
const poolSize = 8192;
let pool: Buffer | undefined;
let poolAt = poolSize;

/**
 * The masked WebSocket frames of these texts in one buffer: what a client says in one turn goes out in one write (RFC
 * 6455, 5.2, 5.3).
 */
export function maskedTextFrames(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const buffer = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headerSize(length) + length, 0));
  let at = 0;
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index] ?? '';
    const length = lengths[index] ?? 0;
    const keyAt = writeLength(buffer, at, length);
    writeKey(buffer, keyAt);
    at = keyAt + 4;
    // plain ASCII is copied faster than it is encoded
    buffer.write(text, at, length, length === text.length ? 'latin1' : 'utf8');
    mask(buffer, keyAt, length);
    at += length;
  }
  return buffer;
}

function headerSize(length: number): number {
  if (length <= maxShortLength) return 6;
  return length <= maxMediumLength ? 8 : 14;
}

/** Writes the head of a frame. Returns the place of its key. */
function writeLength(buffer: Buffer, at: number, length: number): number {
  buffer[at] = finalText;
  if (length <= maxShortLength) {
    buffer[at + 1] = masked | length;
    return at + 2;
  }
  if (length <= maxMediumLength) {
    buffer[at + 1] = masked | 126;
    return buffer.writeUInt16BE(length, at + 2);
  }
  buffer[at + 1] = masked | 127;
  return buffer.writeBigUInt64BE(BigInt(length), at + 2);
}

function writeKey(buffer: Buffer, at: number): void {
  if (poolAt === poolSize) {
    pool = process.getBuiltinModule('node:crypto').randomFillSync(pool ?? Buffer.allocUnsafeSlow(poolSize));
    poolAt = 0;
  }
  for (let index = 0; index < 4; index++) buffer[at + index] = pool?.[poolAt++] ?? 0;
}

/** Applies the four bytes of the key to the text behind it. */
function mask(buffer: Buffer, keyAt: number, length: number): void {
  const start = keyAt + 4;
  for (let index = 0; index < length; index++) {
    buffer[start + index] = (buffer[start + index] ?? 0) ^ (buffer[keyAt + (index & 3)] ?? 0);
  }
}
