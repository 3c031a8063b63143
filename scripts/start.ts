/** `npm start`: serves, runs the sample task, tells its timeline live, and stays up. */
import type { Approval } from "../src/contracts/approval.ts";
import { row, verbatim } from "./local/layout.ts";
import { type Sample, follow, startSample } from "./local/sample.ts";
import { type Course, Expected, aborted, runScript } from "./local/script.ts";

await runScript(main, { endedEarly: 0 });

async function main(course: Course): Promise<number> {
  const sample = await startSample(course);
  const died = sample.runtime.ended.then(() => {
    throw new Expected("The runtime has ended.");
  });
  await Promise.race([follow(sample, course.signal, (approval) => tellHowToAnswer(sample, approval)), died]);
  if (course.signal.aborted) return 0;
  console.log();
  console.log(`The server stays up on ${sample.runtime.url}; Ctrl-C ends it.`);
  await Promise.race([aborted(course.signal), died]);
  return 0;
}

/** The signed link, and the same by the API with the approver's key, which stays in its file. */
async function tellHowToAnswer({ client, runtime, paint }: Sample, { id }: Approval): Promise<void> {
  const lines = [
    ...row("", "open this link and decide:"),
    verbatim(paint("cyan", await client.linkTo(id))),
    ...row("", "or decide with the approver's key:"),
    verbatim(`curl ${runtime.url}/v1/approvals/${id}/decision \\`),
    verbatim('  -H "Authorization: Bearer $(sed -n s/^DEV_APPROVER_KEY=//p .dev.vars)" \\'),
    verbatim(`  -H "Content-Type: application/json" -d '{"decision":"approve"}'`),
  ];
  for (const line of lines) console.log(line);
}
