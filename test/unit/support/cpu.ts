/** What {@link calibration} takes on the machine of the measurements where nothing else is going on, ms of CPU time. */
const quietCalibrationMs = 28;

/**
 * CPU time of a call on a quiet machine, ms: the best of three, for other programs on the machine cost caches and turns,
 * not work. What is above the limit is divided by how much slower this machine is at the same moment at work that takes
 * about as long. The first that is far within the limit counts already.
 */
export function cpuMs(call: () => unknown, limit = 50): number {
  let best = Infinity;
  for (let attempt = 0; attempt < 3 && best > limit / 2; attempt += 1) {
    const ms = usedMs(call);
    best = Math.min(best, ms < limit ? ms : ms / Math.max(1, usedMs(calibration) / quietCalibrationMs));
  }
  return best;
}

function usedMs(call: () => unknown): number {
  const start = process.cpuUsage();
  call();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

const sample = 'rpc error: code = Unavailable desc = "dial tcp 10.77.2.13:2377" '.repeat(2_000);

/** Work of the kind that parsers do: letters, patterns, pieces and objects. */
function calibration(): number {
  let sum = 0;
  for (let round = 0; round < 8; round += 1) {
    for (let index = 0; index < sample.length; index += 1) sum = (Math.imul(sum, 31) + sample.charCodeAt(index)) | 0;
    const words = sample.replace(/[0-9]+/g, (digits) => `${digits.length}`).split(' ');
    sum += new Map(words.map((word, index) => [`${word}${index % 100}`, { word, index }])).size;
  }
  return sum;
}
// The first times are slower, and none of them is to count.
for (let time = 0; time < 3; time += 1) calibration();
