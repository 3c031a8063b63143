/** Whether the API key that vouches for a task was valid, and when that was read. */
export interface Authority {
  readonly active: boolean;
  readonly readAtMs: number;
}

/**
 * P1. For so long, what was read of a task's key holds for calls that wait for nothing: a key that is revoked stops them within this.
 * What waits (for a human, in a queue, for a resume) is judged by what is read when its wait is over.
 */
export const AUTHORITY_FRESH_MS = 30_000;

export function isFresh({ readAtMs }: Authority, nowMs: number): boolean {
  return nowMs - readAtMs <= AUTHORITY_FRESH_MS;
}

/** Old enough to be read again beside whatever takes time anyway, so that nothing has to wait for it. */
export function isAging({ readAtMs }: Authority, nowMs: number): boolean {
  return nowMs - readAtMs > AUTHORITY_FRESH_MS / 2;
}
