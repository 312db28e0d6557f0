/**
 * Checking what comes from outside: data files, options, command lines.
 *
 * A fault becomes one InputError of one line: what was wrong, where, what is
 * allowed, and the nearest valid name.
 */
import { inspect } from "node:util";
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
  throw new InputError(`${where}: ${explain(worst(result.error.issues), value, schema)}`);
}

/** The issue that tells most: an unknown name rather than that the name it stands for is missing. */
function worst(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const flat = issues.map(deepest);
  return flat.find((issue) => issue.code === "unrecognized_keys") ?? flat[0]!;
}

/** Of a failed union take the branch that got furthest: that is the one the user meant. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return issue;
  const branches = issue.errors.map((errors) => {
    const inner = worst(errors);
    return { ...inner, path: [...issue.path, ...inner.path] };
  });
  const depth = (branch: z.core.$ZodIssue) => branch.path.length + (branch.code === "unrecognized_keys" ? 1 : 0);
  const furthest = branches.reduce((best, branch) => (depth(branch) > depth(best) ? branch : best));
  return depth(furthest) > issue.path.length ? furthest : issue;
}

function explain(issue: z.core.$ZodIssue, root: unknown, schema: z.ZodType): string {
  const path = issue.path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  const at = path === "" ? "" : `${path.replace(/^\./, "")}: `;
  const found = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], root);
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    return `${at}unknown name ${show(key)}${suggest(key, namesAt(schema, issue.path))}`;
  }
  const names = allowed(issue);
  if (typeof found === "string" && names.length > 0) return `${at}${show(found)} is not allowed${suggest(found, names)}`;
  return found === undefined ? `${at}missing (${wanted(issue)})` : `${at}${wanted(issue)}, found ${show(found)}`;
}

/** What was expected, in zod's words without the preliminaries. */
function wanted(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_union" && issue.errors.length > 0 && issue.message === "Invalid input") return issue.errors.map((errors) => wanted(errors[0]!)).join(", or ");
  return oneLine(issue.message)
    .replace(/^(Invalid (input|option|number)|Too (small|big)): |^Invalid discriminator value\. /, "")
    .replace(/, received .*$/, "")
    .replace(/\bint\b/, "whole number")
    .replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}

/** The names that could stand where the issue is. */
function allowed(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "invalid_value") return issue.values.map(String);
  return issue.code === "invalid_union" ? issue.errors.flatMap((errors) => allowed(errors[0]!)) : [];
}

/** A value in one short line. */
function show(value: unknown): string {
  if (typeof value === "string" && value.length <= 60) return JSON.stringify(withoutAddresses(value));
  return withoutAddresses(oneLine(inspect(value, { depth: 0, breakLength: Infinity, compact: true, maxArrayLength: 4, maxStringLength: 60 })));
}

/** `text` as it may be shown: addresses of Redis, which can hold a password, are hidden. */
export function withoutAddresses(text: string): string {
  return text.replace(/(rediss?:\/\/)[^"'`]+/gi, "$1***");
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}

/** The names that the object schemas at `path` know. */
function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at = objectsIn(schema);
  for (const key of path) at = at.flatMap((node) => objectsIn(node.shape?.[key as string] ?? node.def?.element ?? node.def?.valueType));
  return [...new Set(at.flatMap((node) => Object.keys(node.shape ?? {})))];
}

/** What is read here of a zod schema, whatever its kind. */
interface Node {
  shape?: Record<string, unknown>;
  def?: { innerType?: unknown; in?: unknown; options?: unknown[]; element?: unknown; valueType?: unknown };
}

/** Through optional, default, pipe and union to the objects, arrays and records inside. */
function objectsIn(schema: unknown): Node[] {
  const node = schema as Node | undefined;
  const inner = node?.def?.options ?? [node?.def?.innerType ?? node?.def?.in].filter((part) => part !== undefined);
  return inner.length > 0 ? inner.flatMap(objectsIn) : node === undefined ? [] : [node];
}
