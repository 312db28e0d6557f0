/**
 * Rerunning a notebook with other parameters, as papermill does it.
 *
 * Layer: notebook. A cell tagged `parameters` declares them with their usual values:
 * `let readAhead = 1;`. Behind it goes a cell, tagged `injected-parameters`, that assigns
 * the wanted ones, or declares a `const` again. The cells' compiler checks their types
 * like those of any other cell.
 */
import ts from "typescript";
import { InputError, suggest } from "../schema/index.ts";
import { hasTag, joined } from "./document.ts";
import type { CodeCell, Notebook } from "./document.ts";

/** A value given on a command line: what reads as JSON is that, anything else is a word. */
export type ParameterValue = string | number | boolean | null | object;

/**
 * `name=value` as a name and a value.
 * @throws InputError when it is not of that form.
 */
export function parsedParameter(text: string): [name: string, value: ParameterValue] {
  const [, name, value] = /^([A-Za-z_$][\w$]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new InputError(`-p ${text}: a parameter is given as name=value, such as readAhead=4`);
  try {
    return [name, JSON.parse(value) as ParameterValue];
  } catch {
    return [name, value];
  }
}

/**
 * The notebook with a cell that sets `parameters` behind the one that declares them.
 * @param where names the notebook in errors.
 * @throws InputError when no cell is tagged `parameters`, or it does not declare one of them.
 */
export function withParameters(document: Notebook, parameters: Readonly<Record<string, ParameterValue>>, where: string): Notebook {
  const cells = document.cells.filter((cell) => !(cell.cell_type === "code" && hasTag(cell, "injected-parameters")));
  const at = cells.findIndex((cell) => cell.cell_type === "code" && hasTag(cell, "parameters"));
  if (at < 0) throw new InputError(`${where}: has no cell tagged "parameters", so it takes none`);
  const declared = declaredIn(joined(cells[at].source));
  for (const name of Object.keys(parameters)) {
    if (!declared.has(name)) throw new InputError(`${where}: unknown parameter "${name}"${suggest(name, [...declared.keys()])}`);
  }
  const lines = Object.entries(parameters).map(([name, value]) => `${declared.get(name)} = ${JSON.stringify(value)};`);
  const id = document.nbformat_minor >= 5 ? { id: "injected-parameters" } : {};
  const injected: CodeCell = { ...id, cell_type: "code", metadata: { tags: ["injected-parameters"] }, source: ["// Parameters", ...lines].join("\n"), outputs: [], execution_count: null };
  return { ...document, cells: cells.toSpliced(at + 1, 0, injected) };
}

/** The variables that a cell declares, each with what stands before the "=" of setting it: its name, for a `const` the declaration. */
function declaredIn(source: string): Map<string, string> {
  const found = new Map<string, string>();
  const cell = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.Latest);
  for (const statement of cell.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
    for (const { name, type } of statement.declarationList.declarations) {
      if (!ts.isIdentifier(name)) continue;
      const typed = type === undefined ? name.text : `${name.text}: ${type.getText(cell)}`;
      found.set(name.text, isConst ? `const ${typed}` : name.text);
    }
  }
  return found;
}
