import { because, subject, type Needs, type Takes } from './text';

export const generalReasons = {
  cancelled: () => ({
    title: 'Cancelled',
    happened: 'The operation was cancelled.',
    remedy: 'Run it again when you want.',
  }),
  unexpected: (p: Takes<'message'>) => ({
    title: 'Unexpected error',
    happened: `${subject(p, 'The extension')} met an error it does not know${because(p.message)}.`,
    remedy: 'The log has the details; please report it.',
  }),
  invalidArguments: (p: Needs<'message'>) => ({
    title: 'Invalid arguments',
    happened: `The command was called with arguments it cannot use${because(p.message)}.`,
    remedy: 'Correct the key binding, task or extension that calls it.',
  }),
  notConnected: (p: Needs) => ({
    title: 'Not connected',
    happened: `${subject(p)} is not connected.`,
    remedy: 'Connect it first (Hosts view, plug button).',
  }),
  terminalNotPossible: (p: Needs<'message'>) => ({
    title: 'No terminal on this host',
    happened: `A terminal cannot be opened on ${subject(p, 'the host')}${because(p.message)}.`,
    remedy: 'Log in to the machine in another way, or add it as an ssh:// host.',
  }),
  nothingToChoose: (p: Needs<'message', 'remedy'>) => ({
    title: 'Nothing to choose',
    happened: p.message,
    remedy: p.remedy ?? 'The Hosts, Swarm and Networks views show what there is now.',
  }),
};
