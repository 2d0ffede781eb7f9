/** Theme variables as VS Code gives them to a webview: Dark Modern, Light Modern and the high contrast themes. */
export type ThemeName = keyof typeof themes;

interface Theme {
  /** Class that VS Code puts on the body. */
  readonly bodyClass: string;
  readonly colors: Readonly<Record<string, string>>;
}

const fonts = {
  'font-family': 'system-ui, "Ubuntu", "Droid Sans", sans-serif',
  'font-size': '13px',
  'editor-font-family': '"Droid Sans Mono", monospace',
  'editor-font-size': '14px',
};

const dark = {
  foreground: '#cccccc',
  descriptionForeground: '#9d9d9d',
  disabledForeground: 'rgba(204, 204, 204, 0.5)',
  focusBorder: '#0078d4',
  'editor-background': '#1f1f1f',
  'editor-foreground': '#cccccc',
  'panel-border': '#2b2b2b',
  'testing-iconPassed': '#73c991',
  'testing-iconFailed': '#f14c4c',
  'testing-iconQueued': '#cca700',
  'testing-iconSkipped': '#848484',
  'editorWarning-foreground': '#cca700',
  'editorInfo-foreground': '#59a4f9',
  'charts-blue': '#59a4f9',
  'progressBar-background': '#0078d4',
  'badge-background': '#616161',
  'badge-foreground': '#f8f8f8',
  'button-background': '#0078d4',
  'button-foreground': '#ffffff',
  'button-hoverBackground': '#026ec1',
  'button-border': 'rgba(255, 255, 255, 0.1)',
  'button-secondaryBackground': 'rgba(0, 0, 0, 0)',
  'button-secondaryForeground': '#cccccc',
  'button-secondaryHoverBackground': '#2b2b2b',
  'list-hoverBackground': '#2a2d2e',
  'toolbar-hoverBackground': 'rgba(90, 93, 94, 0.31)',
  'textCodeBlock-background': '#2b2b2b',
  'textLink-foreground': '#4daafc',
  'textLink-activeForeground': '#4daafc',
};

const light = {
  ...dark,
  foreground: '#3b3b3b',
  descriptionForeground: '#3b3b3b',
  focusBorder: '#005fb8',
  'editor-background': '#ffffff',
  'editor-foreground': '#3b3b3b',
  'panel-border': '#e5e5e5',
  'testing-iconFailed': '#f14c4c',
  'editorWarning-foreground': '#bf8803',
  'editorInfo-foreground': '#0063d3',
  'charts-blue': '#0063d3',
  'progressBar-background': '#005fb8',
  'badge-background': '#cccccc',
  'badge-foreground': '#3b3b3b',
  'button-background': '#005fb8',
  'button-foreground': '#ffffff',
  'button-hoverBackground': '#0258a8',
  'button-border': 'rgba(0, 0, 0, 0.1)',
  'button-secondaryBackground': '#e5e5e5',
  'button-secondaryForeground': '#3b3b3b',
  'button-secondaryHoverBackground': '#cccccc',
  'list-hoverBackground': '#f2f2f2',
  'toolbar-hoverBackground': 'rgba(184, 184, 184, 0.31)',
  'textCodeBlock-background': '#f8f8f8',
  'textLink-foreground': '#005fb8',
  'textLink-activeForeground': '#005fb8',
};

const highContrast = {
  foreground: '#ffffff',
  descriptionForeground: 'rgba(255, 255, 255, 0.7)',
  focusBorder: '#f38518',
  contrastBorder: '#6fc3df',
  contrastActiveBorder: '#f38518',
  'editor-background': '#000000',
  'editor-foreground': '#ffffff',
  'panel-border': '#6fc3df',
  'testing-iconPassed': '#73c991',
  'testing-iconFailed': '#f14c4c',
  'testing-iconQueued': '#cca700',
  'testing-iconSkipped': '#848484',
  'editorWarning-foreground': '#ffd370',
  'editorInfo-foreground': '#59a4f9',
  'charts-blue': '#59a4f9',
  'progressBar-background': '#6fc3df',
  'badge-background': '#000000',
  'badge-foreground': '#ffffff',
  'button-background': '#000000',
  'button-foreground': '#ffffff',
  'button-hoverBackground': '#000000',
  'button-border': '#6fc3df',
  'button-secondaryForeground': '#ffffff',
  'list-hoverBackground': 'rgba(255, 255, 255, 0.1)',
  'textCodeBlock-background': '#000000',
  'textLink-foreground': '#21a6ff',
  'textLink-activeForeground': '#21a6ff',
};

const highContrastLight = {
  ...highContrast,
  foreground: '#292929',
  descriptionForeground: 'rgba(41, 41, 41, 0.7)',
  focusBorder: '#006bbd',
  contrastBorder: '#0f4a85',
  contrastActiveBorder: '#006bbd',
  'editor-background': '#ffffff',
  'editor-foreground': '#292929',
  'panel-border': '#0f4a85',
  'testing-iconPassed': '#007100',
  'testing-iconFailed': '#b5200d',
  'editorWarning-foreground': '#895503',
  'editorInfo-foreground': '#0063d3',
  'progressBar-background': '#0f4a85',
  'badge-background': '#0f4a85',
  'badge-foreground': '#ffffff',
  'button-background': '#0f4a85',
  'button-foreground': '#ffffff',
  'button-border': '#0f4a85',
  'button-secondaryBackground': '#ffffff',
  'button-secondaryForeground': '#292929',
  'textCodeBlock-background': '#f2f2f2',
};

export const themes = {
  dark: { bodyClass: 'vscode-dark', colors: dark },
  light: { bodyClass: 'vscode-light', colors: light },
  highContrast: { bodyClass: 'vscode-high-contrast', colors: highContrast },
  highContrastLight: { bodyClass: 'vscode-high-contrast vscode-high-contrast-light', colors: highContrastLight },
} satisfies Record<string, Theme>;

/** The variables of a theme by their names in the page, e.g. `--vscode-editor-background`. */
export function variablesOf(theme: ThemeName): ReadonlyMap<string, string> {
  const members = Object.entries({ ...fonts, ...themes[theme].colors });
  return new Map(members.map(([name, value]) => [`--vscode-${name}`, value]));
}
