import type { VerificationReport } from '../../model/report/matrix';

/** The report as JSON text; its form is published as `docs/verification.schema.json`. */
export function toJson(report: VerificationReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
