// The driver: everything a browser test needs.
export { browserExecutable, launchBrowser } from './browser';
export { Dialog, Notification, type NotificationText } from './messages';
export { InputBox, QuickPick, type QuickInputFilter } from './quickInput';
export { TreeItem, View } from './tree';
export type { Row } from './virtualList';
export { until, type Match, type WaitOptions } from './wait';
export type { SettingText, StatusItem, Tab } from './parts';
export { Workbench, type OpenOptions } from './workbench';
export type { ThemeKind } from '../../vscode/settings';
