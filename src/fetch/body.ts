import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

export class TooLarge extends Error {}
export class UnknownEncoding extends Error {}

/**
 * The whole body, unpacked. Neither what comes nor what is unpacked from it ever takes more than `maxBytes`: a small
 * answer may unpack to anything.
 *
 * `touch` is called whenever something comes. Throws TooLarge, UnknownEncoding, and what broken streams throw.
 */
export async function bytesOf(
  body: Readable,
  encoding: string | undefined,
  maxBytes: number,
  touch: () => void,
): Promise<Buffer> {
  const served = limited(body, maxBytes, touch);
  const unpack = unpackerOf(encoding);
  if (unpack === undefined) return joined(served);
  let bytes: Buffer | undefined;
  await pipeline(served, unpack, async (unpacked: AsyncIterable<Buffer>) => {
    bytes = await joined(limited(unpacked, maxBytes, () => undefined));
  });
  return bytes!;
}

async function* limited(chunks: AsyncIterable<Buffer>, maxBytes: number, touch: () => void): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of chunks) {
    touch();
    size += chunk.length;
    if (size > maxBytes) throw new TooLarge();
    yield chunk;
  }
}

async function joined(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

function unpackerOf(encoding: string | undefined) {
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case "":
    case "identity":
      return undefined;
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    default:
      throw new UnknownEncoding("it is packed in a way that nobody asked for");
  }
}
