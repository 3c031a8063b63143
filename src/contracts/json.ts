import { z } from "zod";

/** Any JSON value. What was parsed from text is checked by `parseStrictJson` for duplicate keys, unsafe numbers and lone surrogates. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export const Json: z.ZodType<Json> = z.json();

export type JsonObject = { readonly [key: string]: Json };
export const JsonObject: z.ZodType<JsonObject> = z.record(z.string(), Json);
