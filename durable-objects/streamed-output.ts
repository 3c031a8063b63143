import type { Command } from "../src/core/task/command.ts";
import type { Clock } from "../src/ports.ts";

/** Streamed output is committed in packed chunks, at most this often. */
const CHECKPOINT_MS = 2_000;

interface Attempt {
  readonly call: string;
  readonly attempt: number;
}

/** Text of the model call that is out, on its way to the journal: a task has one such call at a time. */
export class StreamedOutput {
  readonly #clock: Clock;
  readonly #commit: (command: Command) => void;
  #of: Attempt | null = null;
  #unsaved = "";
  #savedMs = 0;

  constructor(clock: Clock, commit: (command: Command) => void) {
    this.#clock = clock;
    this.#commit = commit;
  }

  push(of: Attempt, text: string): void {
    const nowMs = this.#clock.nowMs();
    if (this.#of?.call !== of.call || this.#of.attempt !== of.attempt) {
      this.#of = of;
      this.#unsaved = "";
      this.#savedMs = nowMs;
    }
    this.#unsaved += text;
    if (nowMs - this.#savedMs >= CHECKPOINT_MS) this.save();
  }

  /** Commits what has come since the last checkpoint. */
  save(): void {
    if (this.#of === null || this.#unsaved === "") return;
    const text = this.#unsaved;
    this.#unsaved = "";
    this.#savedMs = this.#clock.nowMs();
    this.#commit({ type: "outputStreamed", ...this.#of, text });
  }
}

/** Whether a command may end a model call that has said something, but not all. */
export function cutsOff(command: Command): boolean {
  if (command.type === "modelReplied") return command.reply.stop === "failed";
  return command.type === "cancel" || command.type === "timerFired";
}
