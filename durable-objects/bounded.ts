import { timeIsOver } from "../src/until-aborted.ts";
import type { Outside, Timer } from "./outside.ts";

/** What the platform's own services may take to answer; after it, they are taken for down. */
export const ANSWER_MS = 20_000;

/** The outside world, with an end to every wait for one of the platform's services. Models and tools have time-outs of their own. */
export function bounded(outside: Outside): Outside {
  const { timer, rights, audit, queue, family, allowances } = outside;
  const within = <T>(answer: Promise<T>): Promise<T> => inTime(timer, () => answer);
  return {
    ...outside,
    rights: { read: (query) => within(rights.read(query)) },
    audit: { append: (batch) => within(audit.append(batch)) },
    family: {
      look: (child) => within(family.look(child)),
      end: (child, reason) => within(family.end(child, reason)),
      tell: (child, end) => within(family.tell(child, end)),
    },
    allowances: { answer: (of, ask) => within(allowances.answer(of, ask)) },
    queue: { send: (lane, messages) => within(queue.send(lane, messages)) },
  };
}

/** Work is told when its time is over, and left behind then. Its timer is called off at once: one that is pending would keep the object from resting. */
export async function inTime<T>(
  timer: Timer,
  work: (signal: AbortSignal) => Promise<T>,
  ms = ANSWER_MS,
): Promise<T> {
  const over = Promise.withResolvers<never>();
  const stop = new AbortController();
  const callOff = timer.after(ms, () => {
    stop.abort(timeIsOver());
    over.reject(new Error("no answer in time"));
  });
  try {
    return await Promise.race([work(stop.signal), over.promise]);
  } finally {
    callOff();
  }
}
