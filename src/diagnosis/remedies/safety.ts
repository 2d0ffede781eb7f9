/** What following a remedy does, text and commands; each remedy was held against these three questions. */
export interface RemedySafety {
  /** What that still works it interrupts, and for how long. */
  readonly cuts: string;
  /** What it opens, and to whom. */
  readonly opens: string;
  /** How it is taken back. */
  readonly undo: string;
}

/** Of a remedy whose commands only look, and whose text asks for nothing that changes more. */
export const onlyLooks: RemedySafety = {
  cuts: 'Nothing: its commands only look.',
  opens: 'Nothing.',
  undo: 'There is nothing to undo.',
};

/** Of a remedy whose commands let the swarm's own traffic of the other hosts pass. */
export const opensForPeers: RemedySafety = {
  cuts: 'Nothing: rules are added, none is changed, and firewalld is not reloaded, which would drop what is not permanent.',
  opens: 'The ports named, to the addresses of the hosts concerned only; a placeholder where an address is not known.',
  undo: 'Remove the rules that were added: --remove-rich-rule, ufw delete, iptables -D; those of iptables go with a restart of the machine.',
};

/** What a restart of Docker does to the containers of its host; a swarm's engine keeps none running meanwhile. */
export const restartStops = 'its containers stop with it, and those without a restart policy stay stopped';

/** Of a remedy that starts the engine anew, as a last step. */
export const restartsEngine: RemedySafety = {
  cuts: 'All containers of that host, until Docker has started them again; those without a restart policy stay stopped. A manager is missing meanwhile: one host at a time.',
  opens: 'Nothing.',
  undo: 'There is nothing to undo.',
};
