import { createServer } from "node:net";
import type { Environment } from "./project.ts";
import { Expected } from "./script.ts";

export const HOST = "127.0.0.1";
const PORT_DEFAULT = 8787;

/** The port that `PORT` asks for, when nobody listens there. */
export async function freePort(env: Environment): Promise<number> {
  const text = env["PORT"] ?? "";
  const port = text === "" ? PORT_DEFAULT : Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Expected(`PORT must be a number from 1 to 65535, not ${JSON.stringify(text)}.`);
  if (!(await isFree(port)))
    throw new Expected(
      `Port ${port} is taken. Stop what listens there, or choose another port: PORT=${port + 1}`,
    );
  return port;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: HOST, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
