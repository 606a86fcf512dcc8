// The contract suite outside Jest: what Jest has as a global, put into its bundle.
export { expect } from 'expect';
