/**
 * Checking what comes from outside: data files, options, command lines.
 *
 * A fault becomes one InputError of one line: what was wrong, where, what is
 * allowed, and the nearest valid name.
 */
import type { z } from "zod";
import { suggest } from "./nearest.ts";

/** Something that a user gave and that cannot be used; the message is one line meant for that user. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/**
 * `value` as `schema` understands it.
 * @param where names the source in errors: a file, "options".
 * @throws InputError that tells of the first fault.
 */
export function check<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = deepest(result.error.issues[0]!);
  throw new InputError(`${where}: ${explain(issue, value, schema)}`);
}

/** Of a failed union take the branch that got furthest: that is the one the user meant. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return issue;
  const branches = issue.errors.map((errors) => errors[0]!).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
  const furthest = branches.reduce((best, branch) => (branch.path.length > best.path.length ? branch : best));
  return furthest.path.length > issue.path.length ? deepest(furthest as z.core.$ZodIssue) : issue;
}

function explain(issue: z.core.$ZodIssue, root: unknown, schema: z.ZodType): string {
  const path = issue.path.join(".");
  const at = path === "" ? "" : `${path}: `;
  const found = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], root);
  if (issue.code === "unrecognized_keys") {
    return `${at}unknown name "${issue.keys[0]}"${suggest(issue.keys[0]!, namesAt(schema, issue.path))}`;
  }
  if (issue.code === "invalid_value" && typeof found === "string") {
    return `${at}"${found}" is not allowed${suggest(found, issue.values.map(String))}`;
  }
  if (found === undefined) return `${at}missing (${lower(issue.message)})`;
  return `${at}${lower(issue.message)}, found ${JSON.stringify(found)}`;
}

function lower(message: string): string {
  return message.replace(/^Invalid input: /, "").replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}

/** The names that the object schema at `path` knows. */
function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema;
  for (const key of path) at = unwrap(at)?.shape?.[key as string];
  return Object.keys(unwrap(at)?.shape ?? {});
}

interface Inner {
  shape?: Record<string, unknown>;
  def?: { innerType?: unknown; in?: unknown; options?: unknown[] };
}

/** Through optional, default and union to the object inside. */
function unwrap(schema: unknown): Inner | undefined {
  let inner = schema as Inner | undefined;
  while (inner !== undefined && inner.shape === undefined) {
    const def = inner.def;
    inner = (def?.innerType ?? def?.in ?? def?.options?.find((option) => unwrap(option)?.shape !== undefined)) as Inner | undefined;
  }
  return inner;
}
