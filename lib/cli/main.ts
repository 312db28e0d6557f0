/**
 * The command line: npm start, npm run validate, audit, calibrate, sensitivity, sweep, worker, notebooks, lab and bench.
 *
 * Layer: cli. What a command needs is loaded when it runs. A mistake of the user's
 * is one line on stderr that names the nearest valid word, and exit status 2.
 */
import { Command, CommanderError } from "commander";
import { InputError, suggest, withoutAddresses } from "../schema/index.ts";

const program = new Command("kernelized")
  .description("Data movement in kernelized systems, simulated beside the paper of 1992.")
  .helpCommand(false)
  .showSuggestionAfterError(false);

program
  .command("start")
  .description("rerun the paper's whole analysis: tables, claims, figures")
  .action(async () => (await import("./start.ts")).start());

program
  .command("validate")
  .description("the paper beside the simulation")
  .option("--json", "print JSON and nothing else")
  .option("--write", "write data/validation.json")
  .option("--table <numbers...>", "only these tables, such as 5-3")
  .option("--system <names...>", "only the cells of these systems, such as mach26")
  .action(async (options) => (await import("./validate.ts")).validate(options));

program
  .command("audit")
  .description("where the paper's own numbers agree with each other, and where not")
  .option("--json", "print JSON and nothing else")
  .action(async (options) => (await import("./audit.ts")).audit(options));

program
  .command("calibrate")
  .description("find the fitted values of the machines anew, and write them with the record of the run")
  .argument("[machines...]", "by default both")
  .option("--dry-run", "write nothing")
  .option("--seed <number>", "another search")
  .option("--samples <number>", "points spread over the space")
  .action(async (machines, options) => (await import("./calibrate.ts")).calibrate(machines, options));

program
  .command("sensitivity")
  .description("how far each fitted or assumed value can be wrong; writes data/sensitivity.json")
  .option("--json", "print JSON and nothing else")
  .action(async (options) => (await import("./sensitivity.ts")).sensitivity(options));

program
  .command("notebooks")
  .description("execute the notebooks and write their outputs back")
  .argument("[names...]", "by default all of notebooks/")
  .option("--check", "compare with the stored outputs and write nothing")
  .option("-p, --parameter <name=value>", "set a parameter; the notebook goes to build/notebooks", (one: string, before: string[]) => [...before, one], [])
  .action(async (names, options) => (await import("./notebooks.ts")).notebooks(names, options));

program
  .command("book")
  .description("build the executed notebooks into pages that open without a server, in build/book")
  .action(async () => (await import("./book.ts")).book());

program
  .command("lab")
  .description("open JupyterLab on the notebooks")
  .argument("[options...]", "passed on to JupyterLab")
  .allowUnknownOption()
  .action(async (passed) => (await import("./lab.ts")).lab(passed));

const sweep = program
  .command("sweep")
  .description("run the sweep that a YAML or JSON file describes")
  .argument("<file>")
  .option("--out <file>", "where the rows go: .csv or .parquet")
  .option("--backend <name>", "serial, threads or redis")
  .option("--threads <count>", "worker threads")
  .option("--redis <url>", "redis://user:password@host:port, or rediss:// for TLS; by default REDIS_URL")
  .option("--redis-ca <file>", "certificates that vouch for Redis")
  .option("--shard <i/n>", "compute the i-th of n parts, i from 1 on, for merge")
  .option("--store <folder>", "where rows are kept while they come; by default beside the result")
  .option("--strict", "stop at the first point that fails")
  .action(async (file, options) => (await import("./sweep.ts")).sweep(file, options));

sweep
  .command("merge")
  .description("put the rows of all shards into one file")
  .argument("<out>", "a .csv or .parquet")
  .argument("<folders...>", "the stores of the shards")
  .action(async (out, folders) => (await import("./sweep.ts")).merge(out, folders));

program
  .command("worker")
  .description("compute chunks of the sweeps that are in Redis")
  .option("--redis <url>", "redis://user:password@host:port, or rediss:// for TLS; by default REDIS_URL")
  .option("--redis-ca <file>", "certificates that vouch for Redis")
  .option("--threads <count>", "chunks at a time; by default as many as there are processors")
  .action(async (options) => (await import("./worker.ts")).worker(options));

program
  .command("bench")
  .description("measure the speed of the library itself")
  .action(async () => (await import("./bench.ts")).bench());

for (const command of [program, ...program.commands, ...sweep.commands]) {
  command.configureOutput({ outputError: () => {} });
  command.exitOverride((error) => {
    throw error.exitCode === 0 || error.code === "commander.help" ? error : mistake(error, command);
  });
}

/** The line for what commander found wrong with the arguments of `command`. */
function mistake({ code, message }: CommanderError, command: Command): InputError {
  const text = withoutAddresses(message.replace(/^error: /, ""));
  const word = /'(.*)'/.exec(text)?.[1] ?? "";
  const names: Record<string, string[]> = {
    "commander.unknownCommand": program.commands.map((one) => one.name()),
    "commander.unknownOption": [...command.options.map(({ long }) => long!), "--help"],
  };
  return new InputError(text + suggest(word, names[code] ?? []));
}

/** A reader that closes the pipe early, such as head, has seen enough. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof InputError) {
    console.error(error.message);
    process.exitCode = 2;
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode; // help was asked for and given, or no command was
  } else {
    throw error;
  }
}
