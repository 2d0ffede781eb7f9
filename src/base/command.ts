import type { Check } from './check';

type Members = Readonly<Record<string, Check<unknown>>>;

export interface CommandDeclaration<M extends Members, T extends keyof M> {
  /** What its one argument object may have. All are optional: the command asks for what is missing. */
  readonly members: M;
  /** Which of them a tree item gives; the others come from programs or are asked for. */
  readonly tree: readonly T[];
  /** All selected items are taken, not only the one that was clicked. */
  readonly many: boolean;
}

/** Declares a command once: its type, its checks, and what it takes from the trees. */
export function command<M extends Members, T extends keyof M = never>(
  members: M,
  { tree = [], many = false }: Partial<Omit<CommandDeclaration<M, T>, 'members'>> = {},
): CommandDeclaration<M, T> {
  return { members, tree, many };
}

type Checked<C> = C extends Check<infer T> ? T : never;

/** The type of a command's argument. */
export type ArgumentsOf<C extends { readonly members: Members }> = {
  readonly [Member in keyof C['members']]?: Checked<C['members'][Member]>;
};
