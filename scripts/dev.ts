/** `npm run dev`: only serves. */
import { freePort } from "./local/port.ts";
import { stateDirOf } from "./local/project.ts";
import { startRuntime } from "./local/runtime.ts";
import { type Course, Expected, aborted, runScript } from "./local/script.ts";

await runScript(main, { endedEarly: 0 });

async function main({ signal, undo }: Course): Promise<number> {
  const starting = startRuntime({
    port: await freePort(process.env),
    stateDir: stateDirOf(process.env),
    onLine: (line) => console.log(line),
    logLevel: "log",
    signal,
  });
  undo(() =>
    starting.then(
      (runtime) => runtime.stop(),
      () => {},
    ),
  );
  const { url, ended } = await starting;
  console.log(`Countersign runs on ${url}; the development API keys are in .dev.vars. Ctrl-C ends it.`);
  await Promise.race([
    aborted(signal),
    ended.then(() => {
      throw new Expected("The runtime has ended.");
    }),
  ]);
  return 0;
}
