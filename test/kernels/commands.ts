/** What a system asks of its disk. */
import type { System } from "../../lib/systems/system.ts";

export interface Command {
  op: "read" | "write";
  sector: number;
  sectors: number;
}

/** The commands that the controller of `system` gets from now on. */
export function commandsOf(system: System): Command[] {
  const commands: Command[] = [];
  const { controller } = system.machine;
  const issue = controller.issue.bind(controller);
  controller.issue = (command) => {
    commands.push({ op: command.op, sector: command.sector, sectors: command.sectors });
    issue(command);
  };
  return commands;
}
