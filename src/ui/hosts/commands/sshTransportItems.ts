import { sshTransports, type SshTransportChoice } from '../../../model/host/host';
import type { PickItem } from '../../quickPick/pick';

const words: Readonly<Record<SshTransportChoice, { label: string; detail: string }>> = {
  auto: { label: 'Automatic', detail: 'Tries the ways below in this order and keeps the first that works' },
  streamlocal: {
    label: 'Forwarded socket (streamlocal)',
    detail: 'sshd forwards the Docker socket; the fastest, needs AllowStreamLocalForwarding',
  },
  dialStdio: {
    label: 'docker system dial-stdio',
    detail: 'Runs the docker command there; for servers that forward no sockets, and keys with that forced command',
  },
  systemSsh: {
    label: 'System ssh',
    detail: "This machine's ssh program; for certificates, security keys, smart cards and GSSAPI. It asks nothing",
  },
};

/** The ways over SSH, the present one first: Enter leaves it as it is. The value '' stands for the setting's. */
export function transportItems(current: string): PickItem<string>[] {
  const asSetting = {
    value: '',
    label: 'As in the settings',
    detail: 'What dockerOverlay.ssh.transport says for all hosts',
    icon: 'settings-gear',
  };
  const items = [
    asSetting,
    ...sshTransports.map((way) => ({ value: way, ...words[way], icon: way === 'auto' ? 'wand' : 'plug' })),
  ];
  const marked = items.map((item) => (item.value === current ? { ...item, description: 'now' } : item));
  return [...marked.filter((item) => item.value === current), ...marked.filter((item) => item.value !== current)];
}
