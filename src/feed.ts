import type { CommitRow } from "./contracts/journal.ts";

/**
 * What a task's object says on its socket, both ends of it: each commit as the JSON text that its readers will see, and text as it
 * streams. A commit's body is JSON already; it is carried as it stands, so that being watched costs a task next to nothing.
 */
export type Told =
  | { readonly kind: "commit"; readonly seq: number; readonly json: string }
  | { readonly kind: "partial"; readonly text: string };

/** What is used of the WebSocket at the readers' end. */
export interface FeedSocket {
  accept(): void;
  close(code: number): void;
  addEventListener(type: "message", take: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", take: (event: { readonly code: number }) => void): void;
  addEventListener(type: "error", take: () => void): void;
}

/** `{"seq":…,"at":…,"rules":…,"digest":…,"hash":…,"command":…,"events":…}`; `body` begins with its first member. */
export function commitMessage({ seq, atMs, rules, digest, hash, body }: CommitRow): string {
  const at = new Date(atMs).toISOString();
  return `{"seq":${seq},"at":"${at}","rules":${rules},"digest":"${digest}","hash":"${hash}",${body.slice(1)}`;
}

export function partialMessage(text: string): string {
  return JSON.stringify({ partial: text });
}

/** What a message says, in order: commits may travel together, a line each. Null when it is not what an object says. */
export function toldBy(message: unknown): readonly Told[] | null {
  if (typeof message !== "string") return null;
  const told: Told[] = [];
  for (const line of message.split("\n")) {
    const one = lineTold(line);
    if (one === null) return null;
    told.push(one);
  }
  return told;
}

function lineTold(line: string): Told | null {
  const seq = COMMIT.exec(line)?.[1];
  if (seq !== undefined) return { kind: "commit", seq: Number(seq), json: line };
  if (!line.startsWith(PARTIAL)) return null;
  const said: unknown = JSON.parse(line);
  const text = typeof said === "object" && said !== null && "partial" in said ? said.partial : undefined;
  return typeof text === "string" ? { kind: "partial", text } : null;
}

const COMMIT = /^\{"seq":(\d{1,15}),"at":"/;
const PARTIAL = '{"partial":"';
