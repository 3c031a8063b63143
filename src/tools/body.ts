/** The text of a body, or why it cannot be had. */
export type BodyText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads a body while it comes and lets go of it as soon as it is longer than `bytesMax`, counted after decompression. Rejects when
 * the connection breaks before its end.
 */
export async function readText(response: Response, bytesMax: number): Promise<BodyText> {
  const tooLarge: BodyText = { ok: false, reason: `The result is larger than ${bytesMax} bytes.` };
  if (Number(response.headers.get("content-length") ?? 0) > bytesMax) {
    await letGo(response);
    return tooLarge;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const body: ReadableStream<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the body, which frees its connection.
    if (bytes > bytesMax) return tooLarge;
    chunks.push(chunk);
  }
  const text = decoded(chunks, bytes);
  return text === null ? { ok: false, reason: "The result is not UTF-8 text." } : { ok: true, text };
}

/** Frees the connection of a response that nobody will read: a Worker has six of them. */
export async function letGo(response: Response): Promise<void> {
  try {
    await response.body?.cancel();
  } catch {
    // It was gone already.
  }
}

function decoded(chunks: readonly Uint8Array[], bytes: number): string | null {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(whole);
  } catch {
    return null;
  }
}
