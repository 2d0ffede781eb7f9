import { cells, count, factsOf, listOf, type Rule } from './view';

/** Addresses answer and names are unknown on Docker 29: after an interrupted link it loses records of names (moby#53141). */
export const linkFlapNames: Rule = (view) => {
  const isLatest = (host: string) => Number.parseInt(factsOf(view, host).engineVersion ?? '', 10) >= 29;
  const pairs = view.tried.filter(
    (pair) => pair.verdict === 'nameOnly' && pair.name.outcome === 'unknown' && isLatest(pair.from),
  );
  if (pairs.length === 0) return [];
  const sources = [...new Set(pairs.map((pair) => pair.from))];
  return [
    {
      rule: 'link-flap-names',
      title: `${listOf(sources)}: names were lost after an interrupted link`,
      confidence: 'likely',
      evidence: [
        `${count(pairs.length, 'pair')}: the address answers, the name does not resolve.`,
        ...sources.map(
          (host) =>
            `${host} has Docker ${factsOf(view, host).engineVersion ?? ''}, which may forget names when the link to other hosts was interrupted.`,
        ),
      ],
      pairs: cells(pairs),
      remedy: {
        text: 'Update the services concerned with "--force", or disconnect containers from the network and connect them again; then their names are told anew.',
        commands: sources.map((host) => ({
          host,
          label: 'services',
          command: 'docker service ls --format "{{.Name}}"',
        })),
      },
    },
  ];
};
