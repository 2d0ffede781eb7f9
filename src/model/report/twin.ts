import type { Finding } from './finding';
import type { HostName } from '../host/host';
import type { VerificationReport } from './matrix';
import type { ReportHead } from './reportHead';

/**
 * What two networks that differ in encryption only say of a host. `fine`: both reach it. `encryption`: only the plain one
 * does. `dataPath`: neither does. `plainDead`: only the encrypted one does. `mixed`: it depends on the other host.
 * `cannotTell`: it was not tried.
 */
export type TwinVerdict = 'fine' | 'encryption' | 'dataPath' | 'plainDead' | 'mixed' | 'cannotTell';

/** Result of a twin test; what is shown and the command returns. */
export interface TwinReport extends ReportHead {
  readonly schema: 'docker-overlay/twin@1';
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
}
