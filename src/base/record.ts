/** Whether it is an object with named members, and no list: the first look at JSON of any kind. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
