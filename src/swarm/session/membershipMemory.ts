import type { HostSnapshot } from '../../model/engine/records';

/**
 * An engine that is being stopped ends its swarm part first and goes on answering "inactive" while its containers end
 * (10 s each, side by side): a membership that ended so shortly before the link did is taken to go on.
 */
const farewellMs = 15_000;

/** The last snapshot of a host as a member of a swarm, for a while after it was followed by one outside. */
export class MembershipMemory {
  private last: { readonly snapshot: HostSnapshot; readonly endedAt: number } | undefined;

  /** A snapshot has followed another. @param now monotonic ms */
  record(before: HostSnapshot, snapshot: HostSnapshot, now: number): void {
    if (!isOut(snapshot)) this.last = undefined;
    else if (!isOut(before)) this.last = { snapshot: before, endedAt: now };
  }

  /** What to believe of a host whose link has ended. @param now monotonic ms */
  recall(snapshot: HostSnapshot, now: number): HostSnapshot {
    return this.last && now - this.last.endedAt < farewellMs ? this.last.snapshot : snapshot;
  }

  forget(): void {
    this.last = undefined;
  }
}

const isOut = ({ info }: HostSnapshot): boolean => info.swarm.state === 'inactive';
