/** What a provider said that is left of its tokens: `left` of `whole`, all of which is back `resetMs` later. */
export interface TokensLeft {
  readonly left: number;
  readonly whole: number;
  readonly resetMs: number;
}

/** How many there are so long after that was said, if nobody uses any: what is used comes back bit by bit. */
export function tokensBack({ left, whole, resetMs }: TokensLeft, sinceMs: number): number {
  return sinceMs >= resetMs ? whole : left + (Math.max(0, whole - left) * sinceMs) / resetMs;
}

/** How long, so long after that was said, until there are `tokens`; 0 for more than there ever are, which no waiting brings. */
export function untilBackMs(of: TokensLeft, tokens: number, sinceMs: number): number {
  const { left, whole, resetMs } = of;
  if (tokens <= tokensBack(of, sinceMs) || tokens > whole) return 0;
  return Math.ceil((resetMs * (tokens - left)) / (whole - left) - sinceMs);
}
