/**
 * What the linter holds against the code: mistakes that types alone let pass.
 *
 * Run from the top of the project: npx eslint --config test/lint/eslint.config.js .
 */
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import noForgottenYield from "./no-forgotten-yield.js";

export default defineConfig(
  globalIgnores(["**/node_modules/", ".venv/", "build/", "notebooks/", "test/lint/fixtures/"]),
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommended],
    plugins: { kernelized: { rules: { "no-forgotten-yield": noForgottenYield } } },
    languageOptions: { parserOptions: { project: "tsconfig.json", tsconfigRootDir: `${import.meta.dirname}/../..` } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "kernelized/no-forgotten-yield": "error",
      // What only the types show.
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // One way of writing.
      "@typescript-eslint/no-this-alias": "off", // a generator function cannot be an arrow
      "@typescript-eslint/no-non-null-assertion": "off", // an index that is in range by construction
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" }],
      "default-case-last": "error",
      eqeqeq: "error",
      "no-else-return": "error",
      "no-self-compare": "error",
      "no-template-curly-in-string": "error",
    },
  },
);
