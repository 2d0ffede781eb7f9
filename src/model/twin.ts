import type { Finding } from './finding';
import type { HostName } from './host';
import type { VerificationReport } from './matrix';

/**
 * What two networks that differ in encryption only say of a host. `fine`: both reach it. `encryption`: only the plain one
 * does. `dataPath`: neither does. `plainDead`: only the encrypted one does. `mixed`: it depends on the other host.
 * `cannotTell`: it was not tried.
 */
export type TwinVerdict = 'fine' | 'encryption' | 'dataPath' | 'plainDead' | 'mixed' | 'cannotTell';

/** Result of a twin test; what is shown and the command returns. */
export interface TwinReport {
  readonly schema: 'docker-overlay/twin@1';
  /** Value of the run label on its two networks. */
  readonly id: string;
  /** ISO 8601 */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly outcome: 'finished' | 'cancelled' | 'failed';
  readonly error?: {
    readonly reason: string;
    readonly title: string;
    readonly happened: string;
    readonly remedy: string;
  };
  readonly clusterId: string;
  readonly hosts: readonly { readonly host: HostName; readonly verdict: TwinVerdict }[];
  /** Ordered pairs: the word of each network. */
  readonly pairs: readonly {
    readonly from: HostName;
    readonly to: HostName;
    readonly plain: boolean | undefined;
    readonly encrypted: boolean | undefined;
  }[];
  /** One sentence for a person. */
  readonly conclusion: string;
  readonly findings: readonly Finding[];
  /** The two verifications, as far as they came. */
  readonly plain?: VerificationReport;
  readonly encrypted?: VerificationReport;
  readonly cleanUp: {
    /** Networks that were removed. */
    readonly removed: number;
    /** Names of networks and containers that could not be removed now; the reaper takes them later. */
    readonly left: readonly string[];
  };
}
