import { shellWord } from '../text/shellWord';
import { because, known, subject, type Needs, type Takes } from './text';

/** What may go wrong while networks are in use: connecting, disconnecting, removing. */
export const networkLifeReasons = {
  networkHasServices: (p: Needs<'name' | 'items'>) => ({
    title: `${p.name} is used by services`,
    happened: `The network ${p.name} is used by ${p.items.length ? `the service ${p.items.join(', the service ')}` : 'services'}. A service's containers cannot be disconnected: Docker would make them again.`,
    remedy:
      'Take the network off the service (docker service update --network-rm, which starts its containers anew without it), or remove the service.',
    command:
      p.name && p.items.length === 1
        ? `docker service update --network-rm ${shellWord(p.name)} ${shellWord(p.items[0] ?? '')}`
        : undefined,
  }),
  networkHeldElsewhere: (p: Needs<'name' | 'items'>) => ({
    title: `${p.name} is held elsewhere`,
    happened: `Docker says that ${p.name} has active endpoints, and no connected host lists a container on it${p.items.length ? `. Not connected: ${p.items.join(', ')}` : ''}.`,
    remedy: p.items.length
      ? 'Connect these hosts and look there. A host that is gone for good: remove its node, that lets go of its endpoints.'
      : 'An endpoint of a container that is gone was left behind: restart Docker on the hosts of the network one after another (its containers stop; those without a restart policy must be started by hand), then remove it again.',
  }),
  networkReplaced: (p: Needs<'name'>) => ({
    title: `${p.name} was recreated`,
    happened: `The network ${p.name} that was to be removed is gone, and another of the same name has been made meanwhile. The new one was left alone.`,
    remedy: 'Look at the new one, and remove it too if that is meant.',
  }),
  networkNotAttachable: (p: Needs<'name'>) => ({
    title: `${p.name} is not attachable`,
    happened: `Containers started by hand cannot be connected to ${p.name}: it was created without --attachable.`,
    remedy: 'Choose an attachable network. This cannot be changed afterwards: make a new one.',
  }),
  containerNotConnectable: (p: Takes<'name' | 'message'>) => ({
    title: `${p.name ?? 'Container'} cannot be connected`,
    happened: `${p.name ?? 'The container'}${p.host ? ` on ${p.host}` : ''} cannot be connected to networks or disconnected from them${because(p.message)}.`,
    remedy: 'Start it anew on a network of its own, without --network host, none or container:NAME.',
  }),
  containerGone: (p: Needs<'name'>) => ({
    title: `No container ${p.name}`,
    happened: `${subject(p)} has no container ${p.name} any more.`,
    remedy: 'It may have been removed elsewhere; the view shows what is there.',
  }),
  containerConnected: (p: Needs<'name' | 'address'>) => ({
    title: `${p.name} is connected already`,
    happened: `${p.name}${p.host ? ` on ${p.host}` : ''} is connected to that network already, with the address ${p.address}.`,
    remedy: 'Disconnect it first, then connect it with the address you want.',
  }),
  containerOfService: (p: Needs<'name' | 'message'>) => ({
    title: `${p.name} belongs to a service`,
    happened: `${p.name}${p.host ? ` on ${p.host}` : ''} is a task of the service ${p.message}: the swarm decides which networks it is in.`,
    remedy: 'Change the service instead (docker service update --network-add or --network-rm).',
  }),
  addressTaken: (p: Takes<'address' | 'name'>) => ({
    title: `${p.address ?? 'Address'} is taken`,
    happened: `The address${known(p.address)} is in use${p.name ? ` by ${p.name}` : ' in this network'}.`,
    remedy: 'Choose another address, or let Docker choose.',
  }),
  addressNotInSubnet: (p: Takes<'address' | 'name' | 'message'>) => ({
    title: `${p.address ?? 'Address'} does not fit`,
    happened: `${p.address ?? 'The address'} cannot be an address of a container in ${p.name ?? 'this network'}${because(p.message)}.`,
    remedy: 'Choose an address within its subnet, or let Docker choose.',
  }),
  attachTimedOut: (p: Takes<'address' | 'name'>) => ({
    title: 'Connecting timed out',
    happened: p.address
      ? `${subject(p)}: the swarm did not give ${p.name ?? 'the container'} the address ${p.address} within 20 s. It is most likely in use, perhaps on a host that is not connected.`
      : `${subject(p)}: the swarm did not give ${p.name ?? 'the container'} a place in the network within 20 s.`,
    remedy: p.address
      ? 'Choose another address, or let Docker choose.'
      : 'Check that the network has free addresses, and that the node is ready and reaches its managers (2377/tcp, 7946/tcp+udp).',
  }),
  connectNotConfirmed: (p: Needs<'name'>) => ({
    title: 'Connecting not confirmed',
    happened: `${subject(p)} did not confirm that ${p.name} was connected, and it does not say so now.`,
    remedy: 'Check the connection to the host and connect the container again; it will not be done twice.',
  }),
};
