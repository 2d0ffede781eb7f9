/** Styles are imported for their side effect: the bundler gathers them into matrix.css. */
declare module '*.css';
