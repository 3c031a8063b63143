/** One guard has no more places than this: beyond, several share them, each with its own. */
const PLACES_MAX = 200;

/** Which of a guard's shards a call asks, the same for the same `seed`, and how many places that has. */
export function shardOf(max: number, seed: string): { readonly suffix: string; readonly max: number } {
  const shards = Math.ceil(max / PLACES_MAX);
  if (shards === 1) return { suffix: "", max };
  let sum = 0;
  for (let i = 0; i < seed.length; i++) sum = (sum * 31 + seed.charCodeAt(i)) % 1_000_003;
  const shard = sum % shards;
  // The first ones take what does not divide.
  return { suffix: `#${shard}`, max: Math.floor(max / shards) + (shard < max % shards ? 1 : 0) };
}
