import type { Command } from "./command.ts";

/** The commit that an event belongs to. Content that the command carries is taken from there. */
export interface Stamp {
  readonly seq: number;
  readonly atMs: number;
  readonly command: Command;
}
