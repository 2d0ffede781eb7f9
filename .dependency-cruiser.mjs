/**
 * Who may import whom (docs/architecture.md). Three tables: rooms, packages with one home, and the order of the folders
 * inside a room. What is not granted is forbidden, so a new arrow is a change of this file, seen in review.
 */

/** What each room may import of the others; `type` means types only. */
const rooms = {
  base: {},
  model: { base: true },
  hosts: { base: true, model: true },
  connection: { base: true, model: true, hosts: true },
  engine: { base: true, model: true, connection: 'type' },
  swarm: { base: true, model: true, engine: 'type', connection: 'type' },
  probe: { base: true, model: true, engine: 'type', swarm: 'type' },
  diagnosis: { base: true, model: true },
  verify: { base: true, model: true, diagnosis: true, probe: true, engine: 'type', swarm: 'type' },
  webview: { base: true, model: true },
  ui: {
    base: true,
    model: true,
    hosts: true,
    connection: true,
    engine: true,
    swarm: true,
    probe: true,
    diagnosis: true,
    verify: true,
    webview: true,
  },
};

/** Packages with one home: nobody else imports them. */
const packages = {
  vscode: ['ui'],
  dockerode: ['engine'],
  'docker-modem': ['engine'],
  ssh2: ['connection'],
  preact: ['webview'],
};

/**
 * Folders (or files) of a room, each row may import the rows above it and nothing below. Of those in one row none imports
 * another. What is not named is the room's own floor: types and small things that all of it uses.
 */
const order = {
  connection: [
    ['keys'],
    ['sshConfig'],
    ['nonInteractivePrompts.ts'],
    ['hostKeys'],
    ['credentials'],
    ['route'],
    ['direct'],
    ['ssh2', 'openssh'],
    ['sshConnector.ts'],
    ['connector.ts'],
  ],
  engine: [
    ['errors'],
    ['decode'],
    ['http'],
    ['containers', 'images', 'networks', 'swarm', 'events.ts'],
    ['createEngine.ts'],
  ],
  swarm: [['topology'], ['session'], ['networks'], ['plans'], ['fleet.ts']],
  'swarm/plans': [['nodes', 'keys', 'networks'], ['form', 'leave'], ['recover'], ['index.ts']],
  probe: [['testContainers']],
  diagnosis: [['remedies'], ['ports'], ['closedPorts.ts'], ['blame.ts'], ['rules'], ['diagnose.ts']],
  verify: [['scriptParts', 'reports'], ['ports'], ['facts'], ['matrix'], ['proof', 'twin']],
  // app.ts is of no row: it constructs what the features share, and is handed to them.
  ui: [
    ['tree'],
    ['vscode'],
    ['quickPick'],
    ['command'],
    ['contextKeys.ts'],
    ['feature.ts'],
    ['operations'],
    ['hosts'],
    ['swarm'],
    ['networks'],
    ['verification', 'testContainers'],
    ['api.ts', 'generalFeature.ts'],
  ],
};

const names = Object.keys(rooms);
const group = (list) => `(${list.join('|')})`;

function roomRules(room) {
  const granted = rooms[room];
  const allowed = names.filter((other) => other === room || granted[other] === true);
  const types = names.filter((other) => granted[other] === 'type');
  return [
    {
      name: `${room}-imports`,
      comment: `${room} may import ${allowed.join(', ')}${types.length > 0 ? `, and types of ${types.join(', ')}` : ''}.`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: {
        path: `^src/`,
        pathNot: [`^src/${group([...allowed, ...types])}/`, ...(room === 'ui' ? ['^src/contributions\\.ts$'] : [])],
      },
    },
    ...(types.length === 0
      ? []
      : [
          {
            name: `${room}-imports-types`,
            comment: `${room} may import types of ${types.join(', ')}, no values.`,
            severity: 'error',
            from: { path: `^src/${room}/` },
            to: { path: `^src/${group(types)}/`, dependencyTypesNot: ['type-only'] },
          },
        ]),
  ];
}

const escaped = (part) => part.replaceAll('.', '\\.') + (part.includes('.') ? '$' : '/');

function orderRules(room) {
  return order[room].flatMap((row, index) => {
    const later = order[room].slice(index + 1).flat();
    return row.flatMap((part) => {
      const not = [...later, ...row.filter((other) => other !== part)];
      if (not.length === 0) return [];
      return {
        name: `${room}-${part}`,
        comment: `In ${room}, ${part} comes before ${not.join(', ')}.`,
        severity: 'error',
        from: { path: `^src/${room}/${escaped(part)}` },
        to: { path: `^src/${room}/${group(not.map(escaped))}` },
      };
    });
  });
}

/** `app.ts` constructs what the features share, so it imports of them what it likes. */
const offTheFloor = ['app.ts'];

/** In diagnosis the remedies lie below the floor: words that every rule uses. */
const floorless = ['diagnosis'];

function floorRule(room) {
  const named = [...order[room].flat(), ...offTheFloor].filter((part) => part.includes('.'));
  return {
    name: `${room}-floor`,
    comment: `What lies directly in ${room} and is of no row is used by its folders, and imports none of them.`,
    severity: 'error',
    from: { path: `^src/${room}/[^/]+$`, pathNot: named.map((part) => `^src/${room}/${escaped(part)}`) },
    to: { path: `^src/${room}/${group(order[room].flat().map(escaped))}` },
  };
}

export default {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Types count as well: a type lives where it is understood, not with its first user.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nobody-imports-the-root',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/extension\\.ts$' },
    },
    {
      name: 'diagnosis-is-pure',
      comment: 'Facts in, findings out: no I/O, and so nothing of Node.',
      severity: 'error',
      from: { path: '^src/diagnosis/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'page-is-of-the-browser',
      comment: 'What runs in the webview has nothing of Node.',
      severity: 'error',
      from: { path: '^src/webview/page/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'ui-keeps-out-of-the-page',
      comment: 'The page is another program: ui and it share the protocol, no code.',
      severity: 'error',
      from: { path: '^src/ui/' },
      to: { path: '^src/webview/page/' },
    },
    ...names.flatMap(roomRules),
    ...Object.entries(packages).map(([name, homes]) => ({
      name: `${name}-has-one-home`,
      comment: `Only ${homes.join(', ')} may import ${name}.`,
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [`^src/${group(homes)}/`, ...(name === 'vscode' ? ['^src/extension\\.ts$'] : [])],
      },
      to: { path: `(^|node_modules/(@types/)?)${name}(/|$)`, pathNot: '^src/' },
    })),
    ...Object.keys(order).flatMap(orderRules),
    ...Object.keys(order)
      .filter((room) => !floorless.includes(room))
      .map(floorRule),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.d.ts', '.cjs', '.mjs', '.js', '.json'] },
  },
};
