/**
 * ESLint rule: a simulated activity (Steps, a generator) that nobody runs.
 *
 * `queue.wait()` without `yield*` makes a generator and drops it: nothing happens,
 * silently. The rule reports every place where the types show that a generator is
 * dropped, is taken for its own result, or is what a callback returns to a caller
 * that expects nothing.
 */

/** Ways of using a value that tell it from others only by whether it is there. */
const TESTED = [
  ["IfStatement", "test"],
  ["WhileStatement", "test"],
  ["DoWhileStatement", "test"],
  ["ForStatement", "test"],
  ["ConditionalExpression", "test"],
  ["LogicalExpression", "left"],
  ["UnaryExpression[operator='!']", "argument"],
];

/** The expressions whose value is `node`'s, with what stands around it taken off. */
function values(node) {
  switch (node.type) {
    case "SequenceExpression":
      return values(node.expressions.at(-1));
    case "LogicalExpression":
      return values(node.right);
    case "ConditionalExpression":
      return [...values(node.consequent), ...values(node.alternate)];
    case "AssignmentExpression": // kept
    case "AwaitExpression": // reported by itself
      return [];
    default:
      return [node];
  }
}

const isGenerator = (type) => ["Generator", "AsyncGenerator"].includes(type.symbol?.name);
const members = (type) => (type.isUnion() ? type.types : [type]);
const isVoid = (type) => type.intrinsicName === "void";

export default {
  meta: {
    type: "problem",
    docs: { description: "a generator must be run: called with yield*, or handed to a thread" },
    messages: {
      dropped: "This only makes a generator and drops it: nothing of it happens. Call it with yield*.",
      taken: "This is a generator, not its result. Call it with yield*.",
      callback: "The caller of this callback expects nothing and drops the generator that it returns. Spawn a thread.",
    },
    schema: [],
  },
  create(context) {
    const { program, esTreeNodeToTSNodeMap: nodes } = context.sourceCode.parserServices;
    const checker = program.getTypeChecker();

    function typeOf(node) {
      const type = checker.getTypeAtLocation(nodes.get(node));
      return checker.getBaseConstraintOfType(type) ?? type;
    }
    const maybe = (node) => members(typeOf(node)).some(isGenerator);
    const surely = (node) => members(typeOf(node)).every(isGenerator);

    function reportDropped(expression) {
      for (const node of values(expression)) if (maybe(node)) context.report({ node, messageId: "dropped" });
    }
    function reportTaken(node) {
      if (surely(node)) context.report({ node, messageId: "taken" });
    }
    /** A function that returns a generator where one that returns nothing is expected. */
    function reportCallback(node) {
      const returned = members(typeOf(node)).flatMap((type) => type.getCallSignatures().map((signature) => signature.getReturnType()));
      if (!returned.some((type) => members(type).some(isGenerator))) return;
      const expected = checker.getContextualType(nodes.get(node));
      const signatures = expected === undefined ? [] : members(expected).flatMap((type) => type.getCallSignatures());
      if (signatures.length > 0 && signatures.every((signature) => isVoid(signature.getReturnType()))) context.report({ node, messageId: "callback" });
    }

    return {
      ExpressionStatement: ({ expression }) => reportDropped(expression),
      "UnaryExpression[operator='void']": ({ argument }) => reportDropped(argument),
      SequenceExpression: ({ expressions }) => expressions.slice(0, -1).forEach(reportDropped),
      "YieldExpression[delegate=false][argument]": ({ argument }) => reportTaken(argument),
      AwaitExpression: ({ argument }) => reportTaken(argument),
      ...Object.fromEntries(TESTED.map(([type, part]) => [type, (node) => node[part] && reportTaken(node[part])])),
      "ArrowFunctionExpression, FunctionExpression": reportCallback,
      "CallExpression, NewExpression": (node) => node.arguments.filter(({ type }) => type === "Identifier" || type === "MemberExpression").forEach(reportCallback),
    };
  },
};
