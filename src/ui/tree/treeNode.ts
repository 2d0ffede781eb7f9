import type { ErrorAction } from '../../base/reasons/text';
import type { HostName } from '../../model/host/host';

/**
 * What a tree item stands for; commands read their arguments from it. `address` of each is what Copy Address copies; left out where there is
 * none.
 */
export type TreeTarget =
  | { readonly kind: 'host'; readonly host: HostName; readonly address?: string; readonly remedy?: string }
  | { readonly kind: 'folder'; readonly folder: string; readonly hosts: readonly HostName[] }
  | { readonly kind: 'hostProblem'; readonly index: number; readonly name: string }
  | { readonly kind: 'cluster'; readonly clusterId: string }
  | {
      readonly kind: 'node';
      readonly clusterId: string;
      readonly nodeId: string;
      readonly address?: string;
      readonly host?: HostName;
    }
  | { readonly kind: 'network'; readonly clusterId: string; readonly networkId: string; readonly address?: string }
  /** A watched network that is not known now. */
  | { readonly kind: 'watch'; readonly clusterId: string; readonly networkId: string }
  /** A container's place in a network. */
  | {
      readonly kind: 'endpoint';
      readonly address?: string;
      readonly clusterId: string;
      readonly networkId: string;
      readonly host: HostName;
      readonly containerId: string;
    }
  /** A test container that a person started. */
  | { readonly kind: 'testContainer'; readonly host: HostName; readonly containerId: string; readonly address?: string }
  | { readonly kind: 'operation'; readonly operationId: string }
  /** `remedy`: the command that would mend what failed. */
  | { readonly kind: 'step'; readonly operationId: string; readonly remedy?: string }
  /** Groups and other items that no command works on. */
  | { readonly kind: 'none' };

/** A theme icon, coloured by the theme only. */
export interface TreeIcon {
  readonly id: string;
  /** Id of a theme colour. */
  readonly color?: string;
}

/** One item of a tree, without VS Code: what the pure builders make and the unit tests look at. */
export interface TreeNode {
  /** The same for the same thing over all refreshes, so that expansion and selection stay. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly icon?: TreeIcon;
  /** Markdown; text of daemons in it is escaped. */
  readonly tooltip?: string;
  /** See `viewItems.ts`. */
  readonly contextValue?: string;
  /** What a screen reader says: label and state in words. */
  readonly accessibleLabel: string;
  readonly target: TreeTarget;
  /** What a click on it runs, besides selecting it. */
  readonly command?: ErrorAction;
  readonly children: readonly TreeNode[];
  /** Whether it is open when first shown. */
  readonly expanded?: boolean;
}

/** Whether a value that came as a command argument is one of our tree items. */
export function isTreeNode(value: unknown): value is TreeNode {
  if (typeof value !== 'object' || value === null || !('target' in value)) return false;
  const { target } = value;
  return typeof target === 'object' && target !== null && 'kind' in target && typeof target.kind === 'string';
}
