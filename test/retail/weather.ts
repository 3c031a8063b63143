import { z } from "zod";
import { sha256 } from "./recorded-json.ts";

const Rate = z.number().min(0).max(1).default(0);
const Wait = z.int().min(0).max(60_000).default(0);

/** What goes wrong on purpose. The same seed does the same to the n-th arrival of the same call, in whatever order calls come. */
export const Weather = z
  .strictObject({
    seed: z.int().default(0),
    /** Waited before the call is carried out. */
    delayMs: Wait,
    /** Waited between carrying it out and answering. */
    lateMs: Wait,
    /** How many arrivals are refused (503) before anything is applied. */
    refuseRate: Rate,
    /** How many are carried out and then lose their connection: their sender cannot know what happened. */
    dropRate: Rate,
  })
  .readonly()
  .refine((weather) => weather.refuseRate + weather.dropRate <= 1, "the rates add up to at most 1");
export type Weather = z.infer<typeof Weather>;

export const CALM: Weather = { seed: 0, delayMs: 0, lateMs: 0, refuseRate: 0, dropRate: 0 };

export type Mishap = "none" | "refuse" | "drop";

/** `nth` counts the arrivals of this call: repeating a call rolls anew, so that a patient sender gets through. */
export function mishapOf(
  weather: Weather,
  arrival: { readonly run: string; readonly key: string; readonly nth: number },
): Mishap {
  const digest = sha256(JSON.stringify([weather.seed, arrival.run, arrival.key, arrival.nth]));
  const roll = Number.parseInt(digest.slice(0, 8), 16) / 2 ** 32;
  if (roll < weather.refuseRate) return "refuse";
  return roll < weather.refuseRate + weather.dropRate ? "drop" : "none";
}
