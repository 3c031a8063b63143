import type { Json, JsonObject } from "../contracts/json.ts";

export type Parsed =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly reason: string };

export interface SchemaIssue {
  readonly path: string;
  readonly message: string;
}

/** What the core needs of the outside and is handed by its caller: all of it synchronous and deterministic. */
export interface CoreFunctions {
  /** SHA-256 of UTF-8 text, lower-case hex. */
  readonly sha256: (text: string) => string;
  /** RFC 8785 JSON. */
  readonly canonical: (value: unknown) => string;
  /** Strict JSON: no duplicate keys, unsafe numbers or lone surrogates. */
  readonly parseJson: (text: string) => Parsed;
  /** Issues of a value under a JSON Schema, none when it is valid. */
  readonly validate: (schema: JsonObject, value: Json) => readonly SchemaIssue[];
}
