import * as vscode from 'vscode';
import { parseHosts } from '../../hosts/settings';
import { sshTransports, type HostConfig, type HostProblem, type SshTransportChoice } from '../../model/host/host';
import { settings } from '../../contributions';

/** An entry as it is written in the setting `dockerOverlay.hosts`. */
export interface HostEntry {
  readonly name: string;
  readonly endpoint: string;
  readonly folder?: string;
  readonly transport?: string;
}

/**
 * A setting's value of the user or the (remote) machine, else the default of package.json. What a workspace or folder
 * says is ignored: opening a folder must not add or redirect a host, or choose a program to run.
 */
function ownValue(key: string): unknown {
  const found = vscode.workspace.getConfiguration().inspect<unknown>(key);
  return found?.globalValue ?? found?.defaultValue;
}

const text = (key: string): string => {
  const value = ownValue(key);
  return typeof value === 'string' ? value.trim() : '';
};

/** Reads the hosts; entries that cannot be used come as problems. */
export function readHosts(): { hosts: HostConfig[]; problems: HostProblem[] } {
  return parseHosts(ownValue(settings.hosts));
}

/** The entries as they are written, also those that cannot be used. */
export function readHostEntries(): unknown[] {
  const value = ownValue(settings.hosts);
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** Writes the list to the user (or remote machine) settings. */
export async function writeHostEntries(entries: readonly unknown[]): Promise<void> {
  await vscode.workspace.getConfiguration().update(settings.hosts, entries, vscode.ConfigurationTarget.Global);
}

export interface SshSettings {
  /** Absolute path or with `~`; undefined for the usual one. */
  readonly configFile?: string;
  readonly program: string;
  /** The way for hosts that do not say it themselves. */
  readonly transport: SshTransportChoice;
}

export function readSshSettings(): SshSettings {
  const configFile = text(settings.sshConfigFile);
  const transport = sshTransports.find((way) => way === text(settings.sshTransport)) ?? 'auto';
  return { ...(configFile ? { configFile } : {}), program: text(settings.sshProgram) || 'ssh', transport };
}

export const readConnectOnStartup = (): boolean => ownValue(settings.connectOnStartup) !== false;

/** Seconds from the end of a verification to the next one of a watched network. */
export function readWatchSeconds(): number {
  const seconds = ownValue(settings.watchSeconds);
  const usable = typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 5 && seconds <= 3600;
  return usable ? seconds : 30;
}

export interface VerifySettings {
  readonly image: string;
  readonly pings: number;
}

export function readVerifySettings(): VerifySettings {
  const pings = ownValue(settings.verifyPings);
  const usable = typeof pings === 'number' && Number.isInteger(pings) && pings >= 1 && pings <= 20;
  return { image: text(settings.verifyImage) || 'alpine:latest', pings: usable ? pings : 3 };
}

/** Image of the helpers that look at a host's own network with tcpdump and ip. */
export const readHelperImage = (): string => text(settings.helperImage) || 'nicolaka/netshoot:v0.13';
