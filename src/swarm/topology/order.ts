const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** node2 before node10. */
export const compareNames = (a: string, b: string): number => collator.compare(a, b);
