import type { ToolManifest } from "../contracts/tool.ts";
import { canonicalJson } from "../hash.ts";
import type { ToolDefinition } from "./definition.ts";

/**
 * Finds the code for a tool version that some task pins. The same version serves itself. A version that is no longer deployed is
 * served by the deployed one of the same name whose contract for code (input, output, effect, recovery) is equal, so that a new
 * description or approver strands nobody; a tool whose contract has changed serves only its own version.
 */
export class Catalog {
  readonly #byVersion = new Map<string, ToolDefinition | null>();
  readonly #byContract = new Map<string, ToolDefinition>();

  constructor(definitions: readonly ToolDefinition[]) {
    for (const definition of definitions) {
      this.#byVersion.set(definition.manifest.version, definition);
      this.#byContract.set(codeContract(definition.manifest), definition);
    }
  }

  find(tool: ToolManifest): ToolDefinition | null {
    const known = this.#byVersion.get(tool.version);
    if (known !== undefined) return known;
    const found = this.#byContract.get(codeContract(tool)) ?? null;
    if (this.#byVersion.size < VERSIONS_REMEMBERED_MAX) this.#byVersion.set(tool.version, found);
    return found;
  }
}

const VERSIONS_REMEMBERED_MAX = 1_000;

function codeContract({ name, inputSchema, outputSchema, effect, recovery }: ToolManifest): string {
  return canonicalJson({ name, inputSchema, outputSchema, effect, recovery });
}
