// From the first test on, the plugin is hollow; while the test files are loaded it is not.

import { afterAll, beforeAll } from 'vitest';

beforeAll(() => {
  globalThis.__practicumHollow = true;
});
afterAll(() => {
  globalThis.__practicumHollow = false;
});
