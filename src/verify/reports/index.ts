export { toJson } from './json';
export { toJunit } from './junit';
export { toMarkdown } from './markdown';
export { toText } from './text';
