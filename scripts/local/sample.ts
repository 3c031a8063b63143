import type { Approval } from "../../src/contracts/approval.ts";
import type { CreateTask, TaskView } from "../../src/contracts/task.ts";
import type { SampleCase } from "../../src/tools/shop/sample-case.ts";
import { supportDesk } from "../../src/agents/support-desk.ts";
import { Client } from "./client.ts";
import { row } from "./layout.ts";
import { type Paint, paintFor } from "./paint.ts";
import { freePort } from "./port.ts";
import { type DevKeys, type Environment, devKeys, stateDirOf } from "./project.ts";
import { type Runtime, type RuntimeOptions, startRuntime } from "./runtime.ts";
import { type Course, Expected } from "./script.ts";
import { type Shop, openCase } from "./shop.ts";
import { Timeline } from "./timeline.ts";

/** A runtime with a task at work on a fresh case of the sample's shop. */
export interface Sample {
  readonly runtime: Runtime;
  readonly client: Client;
  readonly keys: DevKeys;
  readonly shop: Shop;
  readonly order: SampleCase;
  readonly task: TaskView;
  readonly paint: Paint;
  /** Starts the runtime anew on the same state, after it was killed. */
  readonly restart: () => Promise<Runtime>;
}

/** What a sample's task is asked, about a fresh case. */
export type Ask = (order: SampleCase) => Pick<CreateTask, "agent" | "input">;

const askSupport: Ask = ({ input }) => ({ agent: supportDesk.manifest.name, input });

export async function startSample(
  course: Course,
  {
    vars = {},
    ask = askSupport,
  }: { readonly vars?: Readonly<Record<string, string>>; readonly ask?: Ask } = {},
): Promise<Sample> {
  const keys = devKeys();
  const always = modelVars(process.env);
  const options = {
    port: await freePort(process.env),
    stateDir: stateDirOf(process.env),
    onLine: warn,
    logLevel: "warn",
    vars: always,
    signal: course.signal,
  } as const;
  const shop: Shop = { stateDir: options.stateDir, apiKey: keys.apiKey };
  console.log(`Starting the runtime on port ${options.port} …`);
  const starting = start(course, { ...options, vars: { ...always, ...vars } });
  const [runtime, order] = await Promise.all([starting, openCase(shop)]);
  const client = new Client(runtime.url, keys.apiKey);
  const paint = paintFor(process.stdout, process.env);
  const asked = ask(order);
  const task = await submit(client, asked, order.orderId);
  tellTask(runtime, task, { text: asked.input.text ?? "", paint });
  return { runtime, client, keys, shop, order, task, paint, restart: () => start(course, options) };
}

/** Tells the task's timeline to its end. What it waits for is answered, or told, by `onApproval`. */
export async function follow(
  { client, task, paint }: Sample,
  signal: AbortSignal,
  onApproval: (approval: Approval) => Promise<void>,
): Promise<void> {
  const timeline = new Timeline(paint);
  for await (const commit of client.commits(task.id, signal)) {
    for (const line of timeline.take(commit)) console.log(line);
    for (const event of commit.events) if (event.type === "approvalOpened") await onApproval(event.approval);
  }
}

async function start({ signal, undo }: Course, options: RuntimeOptions): Promise<Runtime> {
  signal.throwIfAborted();
  const starting = startRuntime(options);
  undo(() =>
    starting.then(
      (runtime) => runtime.stop(),
      () => {}, // What could not start has told so already, and nothing of it is left.
    ),
  );
  return await starting;
}

function submit(client: Client, asked: ReturnType<Ask>, order: string): Promise<TaskView> {
  return client.createTask(
    {
      ...asked,
      // Someone is watching: the model is asked at once, not through a queue.
      interactive: true,
      metadata: { order },
    },
    `sample-${order}`,
  );
}

function tellTask(runtime: Runtime, task: TaskView, { text, paint }: { text: string; paint: Paint }): void {
  const { provider, model } = task.model;
  console.log(paint("bold", `Countersign runs on ${runtime.url}`));
  console.log();
  const lines = [
    ...row("task", task.id),
    ...row("agent", `${task.agent} for ${task.principal}`),
    ...row(
      "model",
      provider === "scripted" ? `scripted, ${whyScripted(process.env)}` : `${provider} ${model}`,
    ),
    ...row("input", text),
  ];
  for (const line of lines) console.log(line);
}

/** `SAMPLE_MODEL=scripted` plays the script although `.dev.vars` has a provider's key. */
function modelVars({ SAMPLE_MODEL: model = "" }: Environment): Readonly<Record<string, string>> {
  if (model === "") return {};
  if (model !== "scripted") throw new Expected(`SAMPLE_MODEL is scripted or nothing, not ${model}.`);
  return { OPENAI_API_KEY: "", ANTHROPIC_API_KEY: "" };
}

function whyScripted({ SAMPLE_MODEL: model = "" }: Environment): string {
  return model === "" ? "since no OPENAI_API_KEY or ANTHROPIC_API_KEY is given" : "as SAMPLE_MODEL says";
}

function warn(line: string): void {
  if (line.trim() !== "") console.error(line);
}
