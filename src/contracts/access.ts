import { z } from "zod";

export const SCOPES = [
  "tasks:read",
  "tasks:write",
  "content:read",
  "approvals:decide",
  "approvals:link",
  "audit:read",
  "registry:write",
  "keys:write",
  "budgets:read",
  "budgets:write",
  "impersonate",
] as const;
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;

/** An API key: `cs_` and 32 random bytes as base64url. */
export const API_KEY = /^cs_[A-Za-z0-9_-]{43}$/;

/** Tenants are parts of objects' names and of the audit chain: no separators, no line breaks. */
export const TenantName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "a tenant is at most 64 lower-case letters, digits, - and _");
export const PrincipalName = z
  .string()
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]{1,200}$/u, "a principal is at most 200 characters on one line");

/** Who is calling: the principal acted for, the tenant, and the API key (by id) that vouches for it. */
export const Caller = z.strictObject({
  tenant: z.string().min(1).max(64),
  principal: z.string().min(1).max(200),
  keyId: z.string().min(1).max(64),
  scopes: z.array(Scope).readonly(),
});
export type Caller = Readonly<z.infer<typeof Caller>>;

/** Rights as of now, read before the gate runs after a wait (P1, A1). */
export const Rights = z.strictObject({
  /** The API key that created the task is neither revoked nor expired. */
  authorityActive: z.boolean(),
  /** Of those asked about: principals that may answer approvals in this tenant now. */
  entitledApprovers: z.array(z.string()).readonly(),
});
export type Rights = Readonly<z.infer<typeof Rights>>;
