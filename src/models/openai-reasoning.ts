/** What is asked for so that a model's reasoning can be handed back to it. */
export const REASONING: "reasoning.encrypted_content"[] = ["reasoning.encrypted_content"];

/** Asking one of the models that never reason for encrypted reasoning is an error; every later family reasons. */
export function mayReason(model: string): boolean {
  return !/^(?:gpt-3|gpt-4|chatgpt-)|-chat(?:-|$)/.test(model);
}
