import { type TokensLeft, tokensBack, untilBackMs } from "../core/tokens-left.ts";
import type { Guard } from "./guard.ts";
import type { Ground } from "./reach.ts";

/**
 * What providers said with their last replies that is left of their tokens, model by model, as this isolate heard it. A call that needs
 * more waits until that is back. It would be refused else, and all others with it: a provider that refuses says when to come again, and
 * is left alone until then.
 */
export class TokensHeard {
  readonly #ground: Pick<Ground, "nowMs" | "after">;
  readonly #heard = new Map<string, { readonly of: TokensLeft; readonly atMs: number }>();

  constructor(ground: Pick<Ground, "nowMs" | "after">) {
    this.#ground = ground;
  }

  hear(model: string, of: TokensLeft): void {
    this.#heard.set(model, { of, atMs: this.#ground.nowMs() });
  }

  /** While half of all is there, nobody has to say how many it needs: to find that out takes longer the longer a conversation is. */
  guards(model: string, tokensAtMost: () => number): readonly Guard[] {
    const heard = this.#heard.get(model);
    if (heard === undefined) return [];
    const { of, atMs } = heard;
    const { nowMs, after } = this.#ground;
    if (tokensBack(of, nowMs() - atMs) * 2 >= of.whole) return [];
    const tokens = tokensAtMost();
    return [
      {
        rank: `0 tokens ${model}`,
        enter: async (waitMs) => {
          const inMs = untilBackMs(of, tokens, nowMs() - atMs);
          if (inMs > waitMs) return { in: false, retryAfterMs: inMs, down: false };
          if (inMs > 0) await new Promise<void>((resolve) => void after(inMs, resolve));
          return { in: true, leave: () => undefined };
        },
      },
    ];
  }
}
