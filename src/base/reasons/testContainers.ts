import { because, subject, type Needs } from './text';

export const testContainerReasons = {
  containerNameInvalid: (p: Needs<'name' | 'message'>) => ({
    title: 'Container name not valid',
    happened: `"${p.name}" cannot be the name of a test container${because(p.message)}.`,
    remedy: 'Use small letters and digits, between them also "-", at most 63 characters: others find it by this name.',
  }),
  containerNameTaken: (p: Needs<'name', 'message'>) => ({
    title: `Name ${p.name} is taken`,
    happened: `There is already a container named ${p.name}${p.host ? ` on ${p.host}` : ''}${because(p.message)}.`,
    remedy: 'Choose another name: names must be unique in the whole swarm, because they are found from every host.',
  }),
  testContainerEnded: (p: Needs<'name' | 'message'>) => ({
    title: `${p.name} did not stay up`,
    happened: `${subject(p)}: the test container ${p.name} ended as soon as it was started${because(p.message)}.`,
    remedy: 'The image needs a shell (sh). Choose another one in the setting dockerOverlay.verify.image.',
  }),
  notTestContainer: (p: Needs<'name'>) => ({
    title: 'Not a test container',
    happened: `${p.name} on ${subject(p, 'the host')} is not a test container of this extension, so it is left alone.`,
    remedy: 'Use the docker command for containers of your own.',
  }),
  noRoomForTerminal: (p: Needs) => ({
    title: 'Too many shells on one link',
    happened: `The link to ${subject(p, 'the host')} has no room for another shell: what is left of it is needed to keep the host in view.`,
    remedy:
      'Close another shell on this host. Links through "docker system dial-stdio" carry few streams; where sshd forwards the Docker socket, or allows more with MaxSessions, there is more room.',
  }),
};
