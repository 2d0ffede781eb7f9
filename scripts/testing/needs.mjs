// What suites need of the machine, installed where that is possible.
import { ensureEncryptedKernel } from '../setup/encryptedKernel.mjs';
import { engineNames, ensureEngine } from '../setup/engines.mjs';
import { ensurePackages, labPackages } from '../setup/packages.mjs';
import { DEBIAN_PACKAGES as browserPackages, ensureVsCodeHost } from '../vscode/install.mjs';

const log = console.log;

/** For each need that can be installed: installs it. @throws or returns a text when it cannot be had */
const installers = {
  lab() {
    if (process.platform !== 'linux') return 'the lab needs Linux';
    if (process.getuid() !== 0) return 'the lab needs root';
    return ensurePackages(labPackages).length > 0 ? 'Debian packages are missing' : undefined;
  },
  async engines() {
    for (const name of engineNames) await ensureEngine(name, { log });
  },
  async encryptedKernel() {
    await ensureEncryptedKernel({ log });
  },
  browser() {
    if (process.env.CHROMIUM_EXECUTABLE) return undefined;
    return ensurePackages(browserPackages).length > 0 ? 'no Chromium' : undefined;
  },
  async editor() {
    if (process.platform !== 'linux') return 'the browser-based editor is set up on Linux only';
    await ensureVsCodeHost({ log });
    return undefined;
  },
};

/** @param {Set<string>} needs of all suites to run @returns {Promise<Map<string, string>>} what cannot be met, and why */
export async function setUp(needs) {
  const missing = new Map();
  // In the order above: engines and kernel are of use only where a lab can be.
  for (const [need, install] of Object.entries(installers)) {
    if (!needs.has(need)) continue;
    try {
      const why = await install();
      if (why !== undefined) missing.set(need, why);
    } catch (error) {
      missing.set(need, error.message);
    }
  }
  return missing;
}
