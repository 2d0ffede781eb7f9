import type { InsecureLink } from '../../../connection/prompts';
import type { Memento } from '../../vscode/memento';
import { QuestionGatherer } from './questionGatherer';

const storeKey = 'dockerOverlay.insecureConsents';
const maxKept = 1_000;

/**
 * Consents to links that are not protected, kept on this machine by address and by why: a host that loses its
 * certificates later is asked about anew. A refusal is not kept.
 */
export class InsecureConsents {
  private readonly gatherer: QuestionGatherer<InsecureLink>;

  constructor(
    private readonly store: Memento,
    ask: (links: readonly InsecureLink[]) => Promise<boolean>,
  ) {
    this.gatherer = new QuestionGatherer(identityOf, async (links) => {
      const agreed = await ask(links);
      if (agreed) await this.keep(links);
      return agreed;
    });
  }

  isKept(link: InsecureLink): boolean {
    return keptConsents(this.store).includes(identityOf(link));
  }

  /** @returns whether the person agrees, now or earlier. */
  async get(link: InsecureLink, signal?: AbortSignal): Promise<boolean> {
    return this.isKept(link) || this.gatherer.add(link, signal);
  }

  private async keep(links: readonly InsecureLink[]): Promise<void> {
    const all = new Set([...keptConsents(this.store), ...links.map(identityOf)]);
    await this.store.update(storeKey, [...all].slice(-maxKept));
  }
}

/** What was consented to on this machine: an address and why it is not protected each. */
export function keptConsents(store: Memento): string[] {
  const value = store.get(storeKey);
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** Takes consents back: who connects there next is asked again. */
export async function forgetConsents(store: Memento, gone: readonly string[]): Promise<void> {
  const left = keptConsents(store).filter((one) => !gone.includes(one));
  await store.update(storeKey, left);
}

const identityOf = ({ address, why }: InsecureLink): string => `${address} ${why}`;

/** The modal's words. */
export function insecureQuestion(links: readonly InsecureLink[]): { message: string; detail: string; button: string } {
  const one = links.length === 1 ? links[0] : undefined;
  return {
    message: one
      ? `Connect to ${one.host} without protection?`
      : `Connect to ${links.length} hosts without protection?`,
    detail: [
      links.map(({ host, address, why }) => `${host} (${address}): ${why}`).join('\n'),
      'Everyone on the way can control this Docker, which means root on that machine.',
      'Better: ssh://, or TLS with certificates. If you connect anyway, this is remembered for the address on this machine.',
    ].join('\n\n'),
    button: 'Connect Anyway',
  };
}
