// One send at a time to a location with a thousand open sockets.
import { atMost, type Row } from '../row.ts'
import { floorSide, ourSide, sendOneByOne } from '../sides.ts'

export const fanOut: Row = {
  id: 'fan-out',
  title: 'one location send to 1,000 sockets: p50, p99 to the socket',
  against: 'a bare hub: one insert, one loop of sends',
  aims: [atMost('p50 ratio', 1.1)],
  async open(bench) {
    const sockets = bench.pick({ full: 1_000, quick: 200, smoke: 6 })
    const sends = bench.pick({ full: 60, quick: 20, smoke: 2 })
    const floor = await floorSide(bench, 'fan-out', sockets)
    const ours = await ourSide(bench, 'fan-out', sockets)
    return {
      async run() {
        const theirs = await sendOneByOne(floor, sends)
        const own = await sendOneByOne(ours, sends)
        return {
          'floor p50 ms': theirs.latency.p50,
          'ours p50 ms': own.latency.p50,
          'p50 ratio': own.latency.p50 / theirs.latency.p50,
          'p95 ratio': own.latency.p95 / theirs.latency.p95,
          'floor p99 ms': theirs.latency.p99,
          'ours p99 ms': own.latency.p99,
          'p99 ratio': own.latency.p99 / theirs.latency.p99,
          'floor bytes a frame': theirs.bytes / theirs.entries,
          'ours bytes a frame': own.bytes / own.entries,
        }
      },
    }
  },
}
