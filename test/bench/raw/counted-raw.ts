import { countObject, countWorker } from "../counters.ts";
import raw, { RawTask } from "./raw.ts";

/** The baseline with its use of the platform counted. */
countObject(RawTask);
export { RawTask };
export default countWorker(raw);
