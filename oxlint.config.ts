// All lint rules, each ban with its reason. Biome only formats; boundaries between folders are tools/boundaries.ts.
import { defineConfig } from 'oxlint';

/** node:test reports on these promises itself. */
const testPromises = { from: 'package' as const, name: ['test', 'it', 'describe', 'suite'], package: 'node:test' };

export default defineConfig({
  plugins: ['typescript', 'import', 'promise', 'node', 'unicorn', 'oxc'],
  categories: { correctness: 'error', suspicious: 'error' },
  ignorePatterns: ['**/dist/**', 'data/**'],
  rules: {
    // A promise that nobody waits for loses its error, or its order.
    'typescript/no-floating-promises': ['error', { allowForKnownSafeCalls: [testPromises] }],
    'typescript/no-misused-promises': 'error',
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'typescript/only-throw-error': 'error',
    'typescript/prefer-promise-reject-errors': 'error',
    // A new kind of entry, error or state must be looked at wherever kinds are told apart.
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    // What comes from outside is `unknown` until a schema has seen it.
    'typescript/no-explicit-any': 'error',
    // Node strips types without looking: a type imported as a value is an error when the program starts.
    'typescript/consistent-type-imports': 'error',
    // Programs write through their log or their output; a stray line would break a script that reads us.
    'eslint/no-console': 'error',
    'eslint/eqeqeq': 'error',
    'eslint/no-var': 'error',
    // One name per thing, the same wherever it is imported.
    'import/no-default-export': 'error',
    // Files that need each other are one file, or lack a third.
    'import/no-cycle': 'error',
    // A reader holds so much and no more. Longer parameter lists want an object, longer functions want names for their steps.
    'eslint/max-params': ['error', { max: 3 }],
    'eslint/max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
    // Waiting for one thing after another is often the point here: order.
    'eslint/no-await-in-loop': 'off',
    // Shadowing a name in a small closure reads better than a made-up second name.
    'eslint/no-shadow': 'off',
    // Modules are imported for their effect where a program starts and where a fixture is one.
    'import/no-unassigned-import': 'off',
    // Branded ids are made with `as`, in the one function that has checked the number.
    'typescript/no-unsafe-type-assertion': 'off',
    // typebox has a default export and the same by name.
    'import/no-named-as-default': 'off',
    // fast-check is written `fc.…` everywhere.
    'import/no-named-as-default-member': 'off',
    // An event that a promise brings needs no value.
    'promise/always-return': 'off',
    // The compiler's noImplicitReturns knows which switches are exhaustive; this rule does not.
    'typescript/consistent-return': 'off',
    // A worker thread has no origin; the rule is about windows.
    'unicorn/require-post-message-target-origin': 'off',
    // `Record<never, never>` is an empty answer on purpose.
    'typescript/no-generated-empty-object-type': 'off',
    // An array that was made a moment ago may be sorted where it lies; the path of a message does so often.
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
    'eslint/no-underscore-dangle': 'off',
    'unicorn/consistent-function-scoping': 'off',
  },
  overrides: [
    {
      files: ['**/test/**', 'packages/testkit/**'],
      rules: {
        // The callback of a describe holds all of its tests.
        'eslint/max-lines-per-function': 'off',
      },
    },
    {
      files: ['tools/**', '**/*.cjs'],
      rules: { 'eslint/no-console': 'off' },
    },
    {
      // oxlint reads the default export.
      files: ['oxlint.config.ts'],
      rules: { 'import/no-default-export': 'off' },
    },
  ],
});
