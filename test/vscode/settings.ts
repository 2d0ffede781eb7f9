// A profile that keeps VS Code calm and offline, so that what a test sees comes from the extension under test.

/** The four kinds of theme VS Code knows; an extension has to look right in each. */
export type ThemeKind = 'light' | 'dark' | 'hcDark' | 'hcLight';

/** Ids (for the setting), labels (as the theme picker shows them) and the class each puts on the workbench. */
export const themes: Record<ThemeKind, { id: string; label: string; className: string }> = {
  light: { id: 'Default Light Modern', label: 'Light Modern', className: 'vs' },
  dark: { id: 'Default Dark Modern', label: 'Dark Modern', className: 'vs-dark' },
  hcDark: { id: 'Default High Contrast', label: 'Dark High Contrast', className: 'hc-black' },
  hcLight: { id: 'Default High Contrast Light', label: 'Light High Contrast', className: 'hc-light' },
};

export type Settings = Record<string, unknown>;

/** User settings of the test profile; `overrides` win. */
export function calmSettings(theme: ThemeKind, overrides: Settings = {}): Settings {
  return {
    // Nothing that asks the network.
    'telemetry.telemetryLevel': 'off',
    'workbench.enableExperiments': false,
    'workbench.settings.enableNaturalLanguageSearch': false,
    'update.mode': 'none',
    'update.showReleaseNotes': false,
    'extensions.autoCheckUpdates': false,
    'extensions.autoUpdate': false,
    'extensions.ignoreRecommendations': true,
    'json.schemaDownload.enable': false,
    'npm.fetchOnlinePackageInfo': false,
    // Nothing in the way of the extension's own views and notifications.
    'chat.disableAIFeatures': true,
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
    'workbench.startupEditor': 'none',
    'workbench.welcomePage.walkthroughs.openOnInstall': false,
    'workbench.tips.enabled': false,
    // Otherwise every port a tunnel listens on is announced.
    'remote.autoForwardPorts': false,
    'git.enabled': false,
    'git.openRepositoryInParentFolders': 'never',
    'window.confirmBeforeClose': 'never',
    'workbench.localHistory.enabled': false,
    'terminal.integrated.initialHint': false,
    // Nothing that moves by itself: screenshots compare, and a click meets what was there when it was aimed.
    'workbench.reduceMotion': 'on',
    'workbench.list.smoothScrolling': false,
    // The parents that stay at the top of a tree lie over the item a click is aimed at.
    'workbench.tree.enableStickyScroll': false,
    'editor.cursorBlinking': 'solid',
    'window.autoDetectColorScheme': false,
    'window.autoDetectHighContrast': false,
    'workbench.colorTheme': themes[theme].id,
    ...overrides,
  };
}
