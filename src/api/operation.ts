import { z } from "zod";
import type { Scope } from "../contracts/access.ts";
import type { ProblemCode } from "../contracts/problem.ts";
import type { Answer } from "../ports.ts";
import type { KeyHolder } from "./auth.ts";
import { FORM_TYPE, JSON_TYPE, readJson } from "./body.ts";
import type { ApiDeps } from "./deps.ts";
import { NOT_FOUND, Refusal, invalid } from "./problem.ts";
import { fieldsOf } from "./queries.ts";
import type { Trace } from "./trace.ts";

export type Reply = Response | Refusal;

/** A request that has come as far as its operation. */
export interface Arrival {
  readonly deps: ApiDeps;
  readonly request: Request;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly trace: Trace;
}

/** A request of someone known. `callerNow` asks again who it is, for answers that take long; null: nobody any more. */
export interface Asked extends Arrival {
  readonly caller: KeyHolder;
  readonly callerNow: () => Promise<KeyHolder | null>;
}

/** What a reply of an operation holds, by media type; null: text without a schema. */
export interface Described {
  readonly description: string;
  readonly content?: Readonly<Record<string, z.ZodType | null>>;
}

interface Terms {
  /** In the form of OpenAPI: `/v1/tasks/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly replies: Readonly<Record<number, Described>>;
  /** What it may refuse with, beside what every operation may. */
  readonly problems?: readonly ProblemCode[];
}

/** One operation, as it is described and as it is served. */
export type Operation = Terms & {
  readonly method: "get" | "post";
  readonly query?: z.ZodType;
  readonly body?: { readonly types: readonly string[]; readonly schema: z.ZodType };
} & (
    | { readonly scopes: null; readonly answer: (arrival: Arrival) => Promise<Reply> }
    | { readonly scopes: readonly Scope[]; readonly answer: (asked: Asked) => Promise<Reply> }
  );

/** Any one of the scopes is enough. */
type CallersTerms = Terms & { readonly scopes: readonly Scope[] };

const NoQuery = z.strictObject({});

/** An operation that changes nothing. */
export function reading<Q extends z.ZodType>(
  terms: CallersTerms,
  query: Q,
  answer: (asked: Asked & { readonly query: z.output<Q> }) => Promise<Reply>,
): Operation {
  return {
    ...terms,
    method: "get",
    query,
    answer: async (asked: Asked) => {
      const checked = query.safeParse(fieldsOf(asked.url.searchParams));
      return checked.success
        ? await answer({ ...asked, query: checked.data })
        : invalid("query", checked.error);
    },
  };
}

/** An operation that does what its JSON body says. */
export function command<B extends z.ZodType>(
  terms: CallersTerms,
  schema: B,
  answer: (asked: Asked & { readonly body: z.output<B> }) => Promise<Reply>,
): Operation {
  return {
    ...terms,
    method: "post",
    body: { types: [JSON_TYPE], schema },
    answer: async (asked: Asked) => {
      const query = NoQuery.safeParse(fieldsOf(asked.url.searchParams));
      if (!query.success) return invalid("query", query.error);
      const body = await readJson(asked.request, schema, asked.deps.scrub);
      return body instanceof Refusal ? body : await answer({ ...asked, body });
    },
  };
}

/** An operation for anyone; what authorises it, if anything, is in the request itself. */
export function open(
  terms: Terms & { readonly method: "get" | "post"; readonly form?: z.ZodType },
  answer: (arrival: Arrival) => Promise<Reply>,
): Operation {
  const { form, ...rest } = terms;
  const body = form === undefined ? {} : { body: { types: [FORM_TYPE, JSON_TYPE], schema: form } };
  return { ...rest, ...body, scopes: null, answer };
}

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return jsonText(JSON.stringify(value), status, headers);
}

/** For what is JSON already. */
export function jsonText(text: string, status: number, headers: Readonly<Record<string, string>>): Response {
  return new Response(text, { status, headers: { ...headers, "content-type": JSON_TYPE } });
}

/** What a task's object answered: a value to show, or why not. Null: there is no such task (H1). */
export function replyTo<T, R>(answer: Answer<T> | null, show: (value: T) => R): R | Refusal {
  if (answer === null) return NOT_FOUND;
  return answer.ok ? show(answer.value) : new Refusal(answer.code, answer.detail);
}
