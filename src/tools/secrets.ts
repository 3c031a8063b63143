import type { Json } from "../contracts/json.ts";

/** Bindings whose name says that their value is a secret. */
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL/i;
/** Shorter values would be found by chance, and say nothing. */
const SECRET_LENGTH_MIN = 8;
/** A binding may hold several secrets, as in `kid:key,kid:key`: its long parts are secrets too. */
const PART_LENGTH_MIN = 16;
const REPLACEMENT = "[secret]";

export class SecretMissing extends Error {
  override readonly name = "SecretMissing";
}

/**
 * The secrets among a Worker's bindings: hands them to tools, and keeps their values out of what tools give back. Known are the
 * values of every binding named like a secret, and of every other from the moment it is first read.
 */
export class Secrets {
  readonly #env: object;
  /** Each value in every spelling in which it is looked for, and how JSON writes that: it is asked of every reply and result. */
  readonly #spellings = new Map<string, string>();

  constructor(env: object) {
    this.#env = env;
    for (const [name, value] of Object.entries(env)) {
      if (SECRET_NAME.test(name) && typeof value === "string") this.#learn(value);
    }
  }

  read(name: string): string {
    const value: unknown = Reflect.get(this.#env, name);
    if (typeof value !== "string" || value === "")
      throw new SecretMissing(`The secret ${name} is not bound.`);
    this.#learn(value);
    return value;
  }

  scrubText(text: string): string {
    let scrubbed = text;
    for (const spelling of this.#spellings.keys()) scrubbed = scrubbed.replaceAll(spelling, REPLACEMENT);
    return scrubbed;
  }

  /** The value without secrets in its strings and keys; the same object when it holds none. `text` is its JSON, as `JSON.stringify` writes it. */
  scrubJson(value: Json, text: string): Json {
    for (const written of this.#spellings.values()) {
      if (text.includes(written)) return this.#scrubbed(value);
    }
    return value;
  }

  #learn(value: string): void {
    const parts = value.split(/[\s,;:"'{}[\]]+/).filter((part) => part.length >= PART_LENGTH_MIN);
    for (const secret of [value, ...parts]) {
      if (secret.length < SECRET_LENGTH_MIN) continue;
      for (const spelling of [secret, encodeURIComponent(secret.toWellFormed()), base64(secret)])
        this.#spellings.set(spelling, asWrittenInJson(spelling));
    }
  }

  #scrubbed(value: Json): Json {
    if (typeof value === "string") return this.scrubText(value);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item: Json) => this.#scrubbed(item));
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [this.scrubText(key), this.#scrubbed(member)]),
    );
  }
}

function asWrittenInJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
