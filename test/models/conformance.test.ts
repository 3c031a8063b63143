import { conformance } from "./conformance.ts";
import { SUBJECTS } from "./subjects.ts";

for (const subject of SUBJECTS) conformance(subject);
