"use strict";
/**
 * Stands in for @tensorflow/tfjs-node, which danfojs-node requires and which would download a
 * native library on installation: the same interface, computed by tfjs's own processor backend.
 * danfojs uses it for the arithmetic between frames, for sampling and for its scalers.
 */
const core = require("@tensorflow/tfjs-core");

// The backend advertises the native package on a machine with Node unless it is told "production".
core.env().set("PROD", true);
require("@tensorflow/tfjs-backend-cpu");

// The bundle for Node leaves out the operations as methods of a tensor (a.add(b)), which danfojs chains.
// Every operation is exported as a function of its first operand, so the methods can be made from those.
const methods = core.Tensor.prototype;
for (const [name, operation] of Object.entries(core)) {
  const isOperation = typeof operation === "function" && name[0] === name[0].toLowerCase();
  if (!isOperation || name in methods) continue;
  methods[name] = function (...operands) {
    return operation(this, ...operands);
  };
}

module.exports = {
  ...core,
  /** tfjs-data, loaded when first asked for: only `sample()` needs it. */
  get data() {
    return require("@tensorflow/tfjs-data");
  },
};
