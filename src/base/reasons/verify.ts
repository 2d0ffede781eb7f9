import { shellWord } from '../text/shellWord';
import { because, known, subject, type Needs, type Takes } from './text';

export const verifyReasons = {
  verifyNotAttachable: (p: Takes<'name'>) => ({
    title: `${p.name ?? 'Network'} is not attachable`,
    happened: `Test containers cannot join ${p.name ?? 'the network'}: it was created without --attachable.`,
    remedy: 'Create the network with "Attachable", or verify another one.',
  }),
  verifyTooFewHosts: (p: Needs<'name', 'message'>) => ({
    title: 'At least two hosts are needed',
    happened: `${p.name} can only be verified between hosts that are connected and in its swarm${because(p.message)}.`,
    remedy: 'Add or connect more hosts of this swarm.',
  }),
  verifyRunning: (p: Needs<'name'>) => ({
    title: 'Already running',
    happened: `${p.name} is being verified now.`,
    remedy: 'Wait for it, or cancel it first.',
  }),
  proofRunning: (p: Needs<'name'>) => ({
    title: 'Already running',
    happened: `A proof of encryption of ${p.name} is running between hosts that this one needs as well. Docker carries the packets of both in the same encrypted connections, and each would count those of the other.`,
    remedy: 'Wait for it, or cancel it first.',
  }),
  twinRunning: (p: Needs<'name'>) => ({
    title: 'Already running',
    happened: `Two temporary networks are being compared in ${p.name} already. A second comparison could take the same subnets.`,
    remedy: 'Wait for it, or cancel it first.',
  }),
  twinNoSubnet: (p: Needs<'name'>) => ({
    title: 'No free subnet for the comparison',
    happened: `${p.name} has no two address blocks that are free in the swarm and on all of its hosts: two temporary networks could get in the way of what is there.`,
    remedy: 'Create two networks with subnets of your choice, one encrypted and one not, and verify both.',
  }),
  imageOfAnotherPlatform: (p: Needs<'name' | 'message'>) => ({
    title: `Image ${p.name} is of another platform`,
    happened: `${subject(p)} has an image ${p.name}, and it does not run there${because(p.message)}. It was left as it is.`,
    remedy:
      'Pull the right one there. Without a registry in reach, and if nobody needs this one, remove it: it is then copied from a host of the same platform.',
    command: p.name && `docker pull ${shellWord(p.name)}`,
  }),
  windowsLeftOut: (p: Needs) => ({
    title: 'Windows, left out',
    happened: `${subject(p)} is a Windows host: the test containers are Linux programs and do not run there.`,
    remedy: 'Nothing is known against it. Test it with containers of your own.',
  }),
  imageMissing: (p: Takes<'name' | 'message'>) => ({
    title: `Image${known(p.name)} not available`,
    happened: `${subject(p)} has no image${known(p.name)}, could not pull it, and no other host of its platform has it${because(p.message)}.`,
    remedy:
      'Load the image on one host; it is copied to the others of the same platform from there. Or set dockerOverlay.verify.image to one you have.',
    command: p.name && `docker pull ${shellWord(p.name)}`,
  }),
  imageNotPulled: (p: Takes<'name' | 'message'>) => ({
    title: `Image${known(p.name)} not pulled`,
    happened: `${subject(p)} could not pull the image${known(p.name)}${because(p.message)}.`,
    remedy:
      'Check the name of the image, the way from that host to the registry, its free space, and for a private image its login (docker login).',
    command: p.name && `docker pull ${shellWord(p.name)}`,
  }),
  proofBlind: (p: Needs<'name' | 'message'>) => ({
    title: 'Host could not be looked at',
    happened: `${subject(p)} has no image ${p.name}, and over SSH${because(p.message)}.`,
    remedy: 'Load the image on one host, or install tcpdump there for root or a user with sudo without a password.',
  }),
  probeFailed: (p: Needs<'message'>) => ({
    title: 'Test container failed',
    happened: `${subject(p)}: the test container could not be used${because(p.message)}.`,
    remedy: 'The log has the details. Verify again once the cause is removed.',
  }),
  probeAttachTimeout: (p: Takes<'name' | 'message'>) => ({
    title: 'Network attachment timed out',
    happened: `${subject(p)}: the test container did not get its place in ${p.name ?? 'the network'} in time${because(p.message)}.`,
    remedy: 'Check that the node is ready and reaches its managers (2377/tcp, 7946/tcp+udp).',
  }),
};
