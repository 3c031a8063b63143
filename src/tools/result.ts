import { utf8Bytes } from "../core/text.ts";
import type { Json, JsonObject } from "../contracts/json.ts";
import type { Artifact, Attempt } from "../contracts/outcome.ts";
import { sha256 } from "../hash.ts";
import { validateJson } from "../json-schema.ts";
import type { ArtifactStore } from "../ports.ts";
import { parseStrictJson } from "../strict-json.ts";
import { type Answer, type PreparedCall, bounded, failed, lost } from "./answer.ts";
import type { Secrets } from "./secrets.ts";

/** Results up to this size go into the conversation; larger ones become artifacts. */
export const RESULT_BYTES_MAX = 32_768;
/** Results larger than this are not taken at all. */
export const ARTIFACT_BYTES_MAX = 1_048_576;
const PREVIEW_LENGTH_MAX = 2_000;
const MESSAGE_LENGTH_MAX = 1_000;
const ISSUES_TOLD_MAX = 3;

export interface ResultRules {
  readonly resultBytesMax: number;
  readonly secrets: Secrets;
  readonly artifacts: ArtifactStore;
}

/** From what an executor brought to what the task is told: read strictly, checked, scrubbed and bounded. */
export async function finalize(answer: Answer, call: PreparedCall, rules: ResultRules): Promise<Attempt> {
  if (answer.kind === "failed" || answer.kind === "unknown") return scrubbed(answer, rules.secrets);
  const result =
    answer.kind === "unreadable"
      ? answer.reason
      : readResult(answer.text, call.tool.outputSchema, rules.secrets);
  if (typeof result === "string") return scrubbed(outputInvalid(call, result), rules.secrets);
  return utf8Bytes(result.text) <= rules.resultBytesMax
    ? { kind: "done", output: result.output }
    : asArtifact(result.text, call, rules);
}

type Failure = Extract<Attempt, { kind: "failed" | "unknown" }>;

interface Result {
  readonly output: Json;
  /** The output's JSON. */
  readonly text: string;
}

/** The result, or what is wrong with it. */
function readResult(text: string, schema: JsonObject, secrets: Secrets): Result | string {
  if (utf8Bytes(text) > ARTIFACT_BYTES_MAX) return `The result is larger than ${ARTIFACT_BYTES_MAX} bytes.`;
  const parsed = parseStrictJson(text, ARTIFACT_BYTES_MAX);
  if (!parsed.ok) return parsed.reason;
  const issues = validateJson(schema, parsed.value);
  if (issues.length > 0)
    return issues
      .slice(0, ISSUES_TOLD_MAX)
      .map((issue) => `${issue.path || "/"}: ${issue.message}`)
      .join(" ");
  const written = JSON.stringify(parsed.value);
  const output = secrets.scrubJson(parsed.value, written);
  return { output, text: output === parsed.value ? written : JSON.stringify(output) };
}

/**
 * A result that cannot be read is a failure of its own, and final. Of a write it is not an unknown outcome: the tool has said that
 * it was carried out. So it is neither sent again nor read back, and the model is told not to ask for it anew (E2).
 */
function outputInvalid({ tool }: PreparedCall, reason: string): Failure {
  const done = tool.effect === "read" ? "" : "The call was carried out; do not repeat it. ";
  return failed("output_invalid", `${done}The tool's result cannot be read. ${reason}`);
}

async function asArtifact(text: string, call: PreparedCall, { artifacts }: ResultRules): Promise<Attempt> {
  const artifact: Artifact = {
    sha256: sha256(text),
    bytes: utf8Bytes(text),
    preview: bounded(text, PREVIEW_LENGTH_MAX),
  };
  try {
    await artifacts.put(call.context, artifact.sha256, text);
  } catch {
    return lost(call.tool, "unavailable", "The tool's result could not be kept.");
  }
  const { preview, bytes } = artifact;
  return { kind: "done", output: { artifact: artifact.sha256, bytes, preview }, artifact };
}

/** Scrubbed before it is bounded: half a secret would not be found. */
function scrubbed({ kind, error }: Failure, secrets: Secrets): Failure {
  const message = bounded(secrets.scrubText(error.message), MESSAGE_LENGTH_MAX);
  return { kind, error: { ...error, message } };
}
