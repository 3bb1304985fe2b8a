const maxShortLength = 125;
const maxMediumLength = 0xffff;
const finalText = 0x81;

/** Returns the WebSocket frames of these texts in one buffer, for a single write (RFC 6455, 5.2). */
export function textFrames(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const total = lengths.reduce((sum, length) => sum + headerSize(length) + length, 0);
  const buffer = Buffer.allocUnsafe(total);
  let at = 0;
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index] ?? '';
    const length = lengths[index] ?? 0;
    at = writeHeader(buffer, at, length);
    // plain ASCII is copied faster than it is encoded
    at += buffer.write(text, at, length, length === text.length ? 'latin1' : 'utf8');
  }
  return buffer;
}

/** Returns the header of a WebSocket text frame of `length` bytes (RFC 6455, 5.2). */
export function textFrameHeader(length: number): Buffer {
  const header = Buffer.allocUnsafe(headerSize(length));
  writeHeader(header, 0, length);
  return header;
}

function headerSize(length: number): number {
  if (length <= maxShortLength) return 2;
  return length <= maxMediumLength ? 4 : 10;
}

function writeHeader(buffer: Buffer, at: number, length: number): number {
  buffer[at] = finalText;
  if (length <= maxShortLength) {
    buffer[at + 1] = length;
    return at + 2;
  }
  if (length <= maxMediumLength) {
    buffer[at + 1] = 126;
    return buffer.writeUInt16BE(length, at + 2);
  }
  buffer[at + 1] = 127;
  return buffer.writeBigUInt64BE(BigInt(length), at + 2);
}
