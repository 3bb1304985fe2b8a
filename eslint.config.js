import tseslint from 'typescript-eslint';
import { ownLookups } from './.ci/lookups.js';

/** Where a list comes from outside, its length is nobody's to trust. */
const manyArguments =
  'Each item becomes an argument and takes stack: 100,000 of them end the process. Use largest(), smallest() or a loop.';

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'coverage/',
      'src/protocol/generated/',
      'src/cli/commands/help/generated/',
      'test/bench/peers/',
      'test/examples/',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js', '.ci/*.js'] } } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }],
      complexity: ['error', 20],
      'max-params': ['error', 4],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'bin/*.ts'],
    plugins: { house: { rules: { 'own-lookups': ownLookups } } },
    rules: {
      'house/own-lookups': 'error',
      'no-restricted-syntax': [
        'error',
        ...['Math', 'String', 'Reflect'].map((name) => ({
          selector: `CallExpression[callee.object.name='${name}'] > SpreadElement`,
          message: manyArguments,
        })),
        {
          selector: 'CallExpression[callee.property.name=/^(push|unshift|splice|concat)$/] > SpreadElement',
          message: manyArguments,
        },
        { selector: "CallExpression[callee.property.name='apply']", message: manyArguments },
      ],
    },
  },
  { files: ['eslint.config.js', '.ci/*.js'], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'no-console': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: ['describe', 'it', 'test'].map((name) => ({
            from: 'package',
            name,
            package: 'node:test',
          })),
        },
      ],
    },
  },
);
