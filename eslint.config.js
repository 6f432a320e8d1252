import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Only configuration.ts, and local/environment.ts for `npm start`, read the environment, so that every setting is checked and documented in one place. */
const environment = {
  object: 'process',
  property: 'env',
  message: 'Only configuration.ts and local/environment.ts read the environment.',
};

const only = (/** @type {string} */ regex, /** @type {string} */ message) => ({ regex, message });

export default defineConfig(
  globalIgnores(['lib/', '.polo/', 'infra/polo/cdk.out/', 'coverage/']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      eqeqeq: 'error',
      'max-lines': ['error', 250],
      'no-console': 'error',
      'no-restricted-properties': ['error', environment],
      'object-shorthand': 'error',
    },
  },
  {
    // Workflow code is replayed: it may use nothing that answers differently the second time.
    files: ['workflows/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            only(
              '^(?!@temporalio/workflow$|@temporalio/common$|zod$|\\./|\\.\\./(?:domain|activities)/)',
              'Workflows import @temporalio/workflow, @temporalio/common, domain/ and each other only.',
            ),
            {
              regex: '^\\.\\./activities/|^zod$',
              allowTypeImports: true,
              message: 'Workflows import types of activities and schemas only.',
            },
          ],
        },
      ],
    },
  },
  {
    // Rules and contracts are pure: the same input gives the same answer, in a workflow, a worker and a test.
    files: ['domain/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [only('^(?!\\./|zod$)', 'domain/ imports its own files and zod only.')] },
      ],
      'no-restricted-globals': [
        'error',
        'process',
        'Buffer',
        'fetch',
        'crypto',
        'performance',
        'setTimeout',
        'setInterval',
      ],
      'no-restricted-properties': [
        'error',
        environment,
        { object: 'Date', property: 'now', message: 'Take the time as an argument.' },
        { object: 'Math', property: 'random', message: 'Take randomness as an argument.' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Take the time as an argument.' },
        { selector: "CallExpression[callee.name='Date']", message: 'Take the time as an argument.' },
      ],
    },
  },
  {
    files: ['activities/**/*.ts'],
    rules: {
      // The workflows' view of the activities is the type of what their closure returns.
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            only(
              '^\\.\\./(?:workflows|client|worker|sandbox|local)/',
              'Activities know neither their callers nor their hosts.',
            ),
          ],
        },
      ],
    },
  },
  {
    files: ['configuration.ts', 'local/environment.ts', '**/test/**', 'bench/**'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/test/**'],
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
  {
    // Plain JavaScript that runs before anything is installed; tsc checks it.
    files: ['**/*.js'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off', 'no-console': 'off', 'no-undef': 'off' },
  },
);
