export { toJson } from './json';
export { toMarkdown } from './markdown';
export { toText } from './text';
