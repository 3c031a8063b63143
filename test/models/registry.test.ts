import { describe, expect, test } from "vitest";
import { ModelProviderName } from "../../src/contracts/model.ts";
import { type ModelsConfig, REPLY_BYTES_MAX, modelProviders } from "../../src/models/registry.ts";
import { Secrets } from "../../src/tools/secrets.ts";
import { answering, ask, json, requestOf } from "./ask.ts";
import * as chat from "./fixtures/chat.ts";
import * as messages from "./fixtures/messages.ts";
import * as responses from "./fixtures/responses.ts";

const key = { apiKey: "sk-test-key" };

describe("the models behind one port", () => {
  test.each([
    ["openai", "https://api.openai.com/v1/responses", responses.whole([responses.message("Hi.")])],
    ["openai-chat", "https://api.openai.com/v1/chat/completions", chat.whole({ content: "Hi." }, "stop")],
    [
      "anthropic",
      "https://api.anthropic.com/v1/messages",
      messages.whole([messages.text("Hi.")], "end_turn"),
    ],
  ] as const)("%s is asked at its own address, with its own key", async (name, url, answer) => {
    const { fetch, sent } = answering(answer);
    const reply = await ask(
      modelProviders({ access: { openai: key, anthropic: key }, fetch }),
      requestOf(name),
    );
    expect(reply).toMatchObject({ stop: "end", parts: [{ type: "text", text: "Hi." }] });
    expect(sent[0]?.url).toBe(url);
    expect(sent[0]?.headers.get("authorization")).toBe("Bearer sk-test-key");
  });

  test("every call carries its idempotency key, and its trace", async () => {
    for (const name of ["openai", "openai-chat", "anthropic"] as const) {
      const { fetch, sent } = answering(json({}));
      const request = requestOf(name);
      await ask(modelProviders({ access: { openai: key, anthropic: key }, fetch }), request);
      expect(sent[0]?.headers.get("idempotency-key")).toBe(request.idempotencyKey);
      expect(sent[0]?.headers.get("traceparent")).toBe(request.traceparent);
      expect(sent[0]?.headers.get("content-type")).toBe("application/json");
      const names = [...(sent[0]?.headers.keys() ?? [])];
      expect(names.filter((header) => header.startsWith("x-stainless"))).toEqual([]);
    }
  });

  test("a reply that no row could hold is none", async () => {
    const long = "é".repeat(REPLY_BYTES_MAX / 2);
    const { fetch } = answering(
      chat.whole({ content: long }, "stop"),
      chat.whole({ content: long.slice(20) }, "stop"),
    );
    const models = modelProviders({ access: { openai: key }, fetch });
    const tooLong = await ask(models, requestOf("openai-chat"));
    expect(tooLong).toMatchObject({ stop: "failed", failure: { code: "cut_off", retryable: false } });
    expect(tooLong.usage).toBeDefined();
    expect(await ask(models, requestOf("openai-chat"))).toMatchObject({ stop: "end" });
  });

  test("a reply is told without the operator's secrets, in its calls too", async () => {
    const secrets = new Secrets({ API_TOKEN: "s3cr3t-value" });
    const { fetch } = answering(
      chat.whole(
        { content: "It is s3cr3t-value.", tool_calls: [chat.call(1, "find", { n: "s3cr3t-value" })] },
        "tool_calls",
      ),
    );
    const scrub: ModelsConfig["scrub"] = (value, text) => secrets.scrubJson(value, text);
    const reply = await ask(
      modelProviders({ access: { openai: key }, fetch, scrub }),
      requestOf("openai-chat"),
    );
    expect(reply).toMatchObject({ stop: "calls" });
    expect(JSON.stringify(reply)).not.toContain("s3cr3t-value");
    expect(JSON.stringify(reply)).toContain("It is [secret].");
  });

  test("a later call differs from the first only in what is its own", async () => {
    for (const name of ["openai", "openai-chat", "anthropic"] as const) {
      const { fetch, sent } = answering(json({}));
      const models = modelProviders({ access: { openai: key, anthropic: key }, fetch });
      const [one, other] = ["one", "other"].map((id) =>
        requestOf(name, { idempotencyKey: id, traceparent: `00-${id}` }),
      );
      for (const request of [one, other, one]) await ask(models, request ?? requestOf(name));
      const [first, second, third] = sent.map(({ url, headers, body }) => ({
        url,
        body,
        headers: Object.fromEntries(headers),
      }));
      expect(third).toEqual(first);
      const own = { "idempotency-key": "other", traceparent: "00-other" };
      expect(second).toEqual({ ...first, headers: { ...first?.headers, ...own } });
      expect(Object.keys(first?.headers ?? {})).toContain(
        name === "anthropic" ? "anthropic-version" : "authorization",
      );
    }
  });

  test("no adapter tries again by itself", async () => {
    for (const name of ["openai", "openai-chat", "anthropic"] as const) {
      const { fetch, sent } = answering({ status: 529, body: {} });
      await ask(modelProviders({ access: { openai: key, anthropic: key }, fetch }), requestOf(name));
      expect(sent).toHaveLength(1);
    }
  });

  test("a compatible server is reached where the operator says", async () => {
    const { fetch, sent } = answering(chat.whole({ content: "Hi." }, "stop"));
    const access = { "openai-compatible": { apiKey: "local", baseURL: "http://localhost:9999/openai/v1" } };
    expect(await ask(modelProviders({ access, fetch }), requestOf("openai-compatible"))).toMatchObject({
      stop: "end",
    });
    expect(sent[0]?.url).toBe("http://localhost:9999/openai/v1/chat/completions");
  });

  test.each(ModelProviderName.options.filter((name) => name !== "scripted"))(
    "%s without a key is a failure, not an error",
    async (name) => {
      const reply = await ask(modelProviders({ access: {} }), requestOf(name));
      expect(reply).toMatchObject({ stop: "failed", failure: { code: "unauthorized", retryable: false } });
    },
  );

  test("so are a key that is empty and a compatible server without an address", async () => {
    const access = {
      openai: { apiKey: "" },
      anthropic: { apiKey: "" },
      "openai-compatible": { apiKey: "local" },
    };
    const models = modelProviders({ access });
    for (const name of ["openai", "openai-chat", "anthropic", "openai-compatible"] as const) {
      expect(await ask(models, requestOf(name))).toMatchObject({
        stop: "failed",
        failure: { code: "unauthorized" },
      });
    }
  });

  test("a script that is not there is a failure", async () => {
    const reply = await ask(modelProviders({ access: {} }), requestOf("scripted"));
    expect(reply).toMatchObject({ stop: "failed", failure: { code: "invalid_request", retryable: false } });
  });

  test("keys of the environment are not used for a provider that was not given one", async () => {
    process.env["OPENAI_API_KEY"] = "sk-from-the-environment";
    try {
      const { fetch, sent } = answering(json({}));
      const reply = await ask(
        modelProviders({ access: { openai: { apiKey: "" } }, fetch }),
        requestOf("openai"),
      );
      expect(reply).toMatchObject({ failure: { code: "unauthorized" } });
      expect(sent).toEqual([]);
    } finally {
      delete process.env["OPENAI_API_KEY"];
    }
  });
});
