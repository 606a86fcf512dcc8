// Without durations of an earlier run Jest begins with the largest files. What plays a whole account, or starts many processes, is
// short to read and takes minutes: it comes first, so that it is not what one worker still runs when the others have nothing left.
const { default: Sequencer } = require('@jest/test-sequencer');

const slow =
  /[\\/]test[\\/](attacks|bin[\\/](mcp|terminal[\\/]entries)|client[\\/]behaviour|docs[\\/]reader|faults|packages|rehearsal)\b/;

module.exports = class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const isSlow = ({ path }) => slow.test(path);
    return [...sorted.filter(isSlow), ...sorted.filter(test => !isSlow(test))];
  }
};
