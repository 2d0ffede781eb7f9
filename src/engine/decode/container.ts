import type { Container } from '../../model/engine/records';
import { count, list, oneOf, optionalText, raw, required, text, textMap, type Raw } from './json';
import type { ContainerDetails } from '../api';
import { isId } from '../ids';

const states: readonly Container['state'][] = [
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
];

/** One record of `GET /containers/json`. */
export function decodeContainer(value: unknown): Container {
  const id = required(value, 'Id', isId, 'a container');
  const container = raw(value);
  return {
    id,
    name: nameOf(list(container.Names)),
    image: text(container.Image),
    state: oneOf(container.State, states, 'dead'),
    status: text(container.Status),
    labels: textMap(container.Labels),
    createdAt: count(container.Created),
    ...networkModeOf(container),
    networks: decodePlaces(container.NetworkSettings),
  };
}

/** `GET /containers/{id}/json`. */
export function decodeContainerDetails(value: unknown): ContainerDetails {
  const id = required(value, 'Id', isId, 'a container');
  const container = raw(value);
  const config = raw(container.Config);
  const state = raw(container.State);
  return {
    id,
    name: withoutSlash(text(container.Name)),
    image: text(config.Image),
    state: oneOf(state.Status, states, 'dead'),
    status: text(state.Status),
    labels: textMap(config.Labels),
    createdAt: Math.floor((Date.parse(text(container.Created)) || 0) / 1000),
    ...networkModeOf(container),
    networks: decodePlaces(container.NetworkSettings),
    pid: count(state.Pid),
    exitCode: count(state.ExitCode),
    error: optionalText(state.Error),
  };
}

function networkModeOf(container: Raw): Pick<Container, 'networkMode'> {
  const networkMode = optionalText(raw(container.HostConfig).NetworkMode);
  return networkMode === undefined ? {} : { networkMode };
}

function decodePlaces(settings: unknown): Container['networks'] {
  return Object.entries(raw(raw(settings).Networks)).map(([name, value]) => {
    const place = raw(value);
    return {
      name,
      networkId: text(place.NetworkID),
      ipv4: text(place.IPAddress),
      ipv6: text(place.GlobalIPv6Address),
    };
  });
}

/** Links add names like "/other/alias": the container's own has one slash only. */
function nameOf(names: readonly unknown[]): string {
  const all = names.map((name) => withoutSlash(text(name)));
  return all.find((name) => !name.includes('/')) ?? all[0] ?? '';
}

const withoutSlash = (name: string): string => name.replace(/^\//, '');
