import { because, subject, type ReasonText } from './text';

export const verifyReasons = {
  verifyNotAttachable: (p) => ({
    title: `${p.name ?? 'Network'} is not attachable`,
    happened: `Test containers cannot join ${p.name ?? 'the network'}: it was created without --attachable.`,
    remedy: 'Create the network with "Attachable", or verify another one.',
  }),
  verifyTooFewHosts: (p) => ({
    title: 'At least two hosts are needed',
    happened: `${p.name ?? 'The network'} can only be verified between hosts that are connected and in its swarm${because(p.message)}.`,
    remedy: 'Add or connect more hosts of this swarm.',
  }),
  verifyRunning: (p) => ({
    title: 'Already running',
    happened: `${p.name ?? 'The network'} is being verified now.`,
    remedy: 'Wait for it, or cancel it first.',
  }),
  imageMissing: (p) => ({
    title: `Image ${p.name ?? ''} not available`,
    happened: `${subject(p)} has no image ${p.name ?? ''}, could not pull it, and no other host has it${because(p.message)}.`,
    remedy:
      'Load the image on one host; it is copied to the others from there. Or set dockerOverlay.verify.image to one you have.',
    command: p.name ? `docker pull '${p.name.replaceAll("'", '')}'` : undefined,
  }),
  proofBlind: (p) => ({
    title: 'Host could not be looked at',
    happened: `${subject(p)} has no image ${p.name ?? 'for the helper'}, and over SSH${because(p.message)}.`,
    remedy: 'Load the image on one host, or install tcpdump there for root or a user with sudo without a password.',
  }),
  probeFailed: (p) => ({
    title: 'Test container failed',
    happened: `${subject(p)}: the test container could not be used${because(p.message)}.`,
    remedy: 'The log has the details. Verify again once the cause is removed.',
  }),
  probeAttachTimeout: (p) => ({
    title: 'Network attachment timed out',
    happened: `${subject(p)}: the test container did not get its place in ${p.name ?? 'the network'} in time${because(p.message)}.`,
    remedy: 'Check that the node is ready and reaches its managers (2377/tcp, 7946/tcp+udp).',
  }),
  cleanUpIncomplete: (p) => ({
    title: 'Test containers left over',
    happened: `Not all test containers could be removed (${p.items?.join(', ') ?? 'unknown'})${because(p.message)}.`,
    remedy: 'They are labelled and removed by themselves at the next connect of those hosts.',
  }),
} satisfies Record<string, ReasonText>;
