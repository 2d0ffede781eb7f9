import path from 'node:path';
import tseslint from 'typescript-eslint';

const hiddenError = {
  selector: 'CatchClause > BlockStatement[body.length=0]',
  message: 'A catch that hides an error: handle it or say in code why not.',
};

/**
 * Sinks in which VS Code makes links, icons or markup of parts of a text, each with the one file that may use it: there
 * foreign text is made literal (see docs/architecture.md).
 */
const doors = {
  'src/ui/vscode/messages.ts': windowMember('^(show(Error|Warning|Information)Message|setStatusBarMessage)$'),
  'src/ui/vscode/progress.ts': windowMember('^with(Scm)?Progress$'),
  'src/ui/vscode/quickInputs.ts': windowMember(
    '^(create(InputBox|QuickPick)|show(InputBox|QuickPick|WorkspaceFolderPick))$',
  ),
  'src/ui/vscode/toVscode.ts': [
    vscodeMember('^(MarkdownString|TreeItem)$'),
    'Identifier[name=/^(isTrusted|supportHtml|supportThemeIcons)$/]',
  ],
  'src/ui/vscode/treeView.ts': windowMember('^(createTreeView|registerTreeDataProvider)$'),
  'src/ui/verification/panel/matrixPanels.ts': windowMember('^(createWebviewPanel|registerWebview\\w+)$'),
};
/** Sinks of the same kind that nothing uses. */
const closed = [windowMember('^createStatusBarItem$'), vscodeMember('^(comments|languages|tests|chat|lm)$')];

/** Ways round the names above: whatever gives `vscode` or its window another name, or a member a computed one. */
const detours = [
  "ImportDeclaration[source.value='vscode'] > ImportNamespaceSpecifier[local.name!='vscode']",
  "ImportDeclaration[source.value='vscode'] > ImportDefaultSpecifier",
  "ImportDeclaration[source.value='vscode'][importKind='value'] > ImportSpecifier[importKind='value']",
  ":matches(ExportNamedDeclaration, ExportAllDeclaration, ImportExpression)[source.value='vscode']",
  "CallExpression[callee.name='require'][arguments.0.value='vscode']",
  'TSImportEqualsDeclaration',
  "Identifier[name='vscode']:not(ImportNamespaceSpecifier > .local, MemberExpression[computed=false] > .object, TSQualifiedName > .left)",
  `${vscodeMember('^window$')}:not(MemberExpression[computed=false] > .object)`,
];

function vscodeMember(name) {
  return `MemberExpression[object.name='vscode'][property.name=/${name}/]`;
}

function windowMember(name) {
  return `MemberExpression[object.object.name='vscode'][object.property.name='window'][property.name=/${name}/]`;
}

/** What a file of `src` may not use: the sinks of others, and the ways round. */
function restrictedSinks(file) {
  const others = Object.entries(doors).filter(([door]) => door !== file);
  return [
    ...others.flatMap(([door, selectors]) =>
      [selectors].flat().map((selector) => ({ selector, message: `Only ${door} may use this.` })),
    ),
    ...closed.map((selector) => ({ selector, message: 'Nothing makes foreign text literal there: give it a door.' })),
    ...detours.map((selector) => ({ selector, message: 'Write vscode.NAME.NAME: the rules know that form.' })),
  ];
}

function sinks(files, file, ignores = []) {
  return { files, ignores, rules: { 'no-restricted-syntax': ['error', hiddenError, ...restrictedSinks(file)] } };
}

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'out/**',
      'node_modules/**',
      'test/browser/driver/fixture-extension/**',
      '**/*.mjs',
      '**/*.cjs',
      '*.mts',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './src/webview/page/tsconfig.json', './test/browser/tsconfig.json'],
        tsconfigRootDir: path.dirname(new URL(import.meta.url).pathname),
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'no-restricted-syntax': ['error', hiddenError],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    // What people read of an error: nothing of it may become "undefined".
    files: ['src/base/**'],
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: false },
      ],
    },
  },
  sinks(['src/**/*.{ts,tsx}'], undefined, Object.keys(doors)),
  ...Object.keys(doors).map((door) => sinks([door], door)),
  {
    files: ['test/**', 'bench/**'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
