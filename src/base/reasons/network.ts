import { because, known, subject, type Needs, type Takes } from './text';

export const networkReasons = {
  networkNameInvalid: (p: Takes<'name' | 'message'>) => ({
    title: 'Network name not valid',
    happened: `${p.name === undefined ? 'That' : `"${p.name}"`} cannot be the name of a network${because(p.message)}.`,
    remedy: 'Use letters and digits, between them also "_" and "-", at most 63 characters.',
  }),
  networkNameTaken: (p: Takes<'name'>) => ({
    title: `Name${known(p.name)} is taken`,
    happened: `There is already a network named ${p.name ?? 'so'}${p.host ? ` on ${p.host}` : ' in this swarm'}.`,
    remedy: 'Choose another name, or remove the existing network first.',
  }),
  subnetInvalid: (p: Takes<'address' | 'message'>) => ({
    title: 'Subnet not valid',
    happened: `${p.address ?? 'The text'} cannot be used as a subnet${because(p.message)}.`,
    remedy: 'Write it as address/prefix length, for instance 10.20.0.0/24.',
  }),
  subnetOverlap: (p: Takes<'address' | 'name' | 'message'>) => ({
    title: 'Subnet overlaps',
    happened: `The subnet${known(p.address)} overlaps ${p.name ?? 'a network that exists'}${because(p.message)}.`,
    remedy: 'Choose a subnet that is free on all hosts, or leave it empty and let Docker choose.',
  }),
  networkInUse: (p: Takes<'name' | 'items'>) => ({
    title: `${p.name ?? 'Network'} is in use`,
    happened: `The network${known(p.name)} still has containers or services attached${p.items?.length ? ` (${p.items.join(', ')})` : ''}.`,
    remedy: 'Remove or disconnect them first, then remove the network.',
  }),
  networkNotFound: (p: Takes<'name'>) => ({
    title: `No network ${p.name ?? 'of that id'}`,
    happened: `The network ${p.name ?? 'chosen'} does not exist any more.`,
    remedy: 'It may have been removed elsewhere; the view shows what is there.',
  }),
  networkNotRemovable: (p: Takes<'name'>) => ({
    title: `${p.name ?? 'Network'} cannot be removed`,
    happened: `${p.name ?? 'The network'} is a predefined network of Docker.`,
    remedy: 'Leave it as it is.',
  }),
  networkNotAllocated: (p: Needs<'name' | 'seconds'>) => ({
    title: `No addresses for ${p.name}`,
    happened: `The swarm accepted the network ${p.name} but did not give it addresses within ${p.seconds} s; it was removed again.`,
    remedy: 'Give it a subnet that nothing else uses; the default address pool of the swarm may be used up.',
  }),
  ipv6SubnetNeeded: (p: Needs<'name' | 'items', 'message'>) => ({
    title: 'IPv6 needs subnets of its own',
    happened: `${p.name} is to have IPv6: Docker chooses no IPv6 subnet for it, and no IPv4 subnet beside one${because(p.message)}.`,
    remedy: `Give it a subnet of each kind${p.items.length ? `, for instance ${p.items.join(' and ')}` : ''}.`,
  }),
  ingressNotAttachable: (p: Needs<'name'>) => ({
    title: 'The routing mesh is not attachable',
    happened: `${p.name} cannot be both the routing mesh and attachable: Docker refuses that.`,
    remedy: 'Leave out "Attachable", or create a network that is not the routing mesh.',
  }),
  ingressInUse: (p: Takes<'name' | 'items'>) => ({
    title: 'Services publish ports',
    happened: `The routing mesh${known(p.name)} cannot be removed: a service publishes ports through it${p.items?.length ? ` (${p.items.join(', ')})` : ''}.`,
    remedy: 'Remove the services that publish ports, replace the routing mesh, and create them again.',
    command: 'docker service ls',
  }),
  createNotConfirmed: (p: Needs<'name', 'message'>) => ({
    title: 'Creation not confirmed',
    happened: `${subject(p)} did not confirm that ${p.name} was created, and it is not listed${because(p.message)}.`,
    remedy: 'Check the connection and create it again; it will not be made twice.',
  }),
};
