/**
 * Spells out shorthand properties: `{ readBytes }` becomes `{ readBytes: readBytes }`.
 *
 * Layer: notebook. tslab reaches what earlier cells declared by rewriting names, and
 * passes over those in shorthand properties, which then are not defined.
 */
import type * as TypeScript from "typescript";

/** `code` with each shorthand property of an object literal written in full; nothing moves to another line. */
export function spelledOut(ts: typeof TypeScript, code: string): string {
  const places: { end: number; name: string }[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isShorthandPropertyAssignment(node) && node.objectAssignmentInitializer === undefined) places.push({ end: node.name.end, name: node.name.text });
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, false));
  return places.reduceRight((text, { end, name }) => `${text.slice(0, end)}: ${name}${text.slice(end)}`, code);
}
