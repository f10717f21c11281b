// 200 sends, 64 in flight, to a thousand sockets: what waits for the same socket travels together. And what that costs a
// send that is alone: the same bundle without it is beside ours.
import { atLeast, atMost, type Row } from '../row.ts'
import { floorSide, ourSide, sendOneByOne, sendTogether } from '../sides.ts'

export const burst: Row = {
  id: 'burst',
  title: 'burst: 200 sends, 64 in flight, to 1,000 sockets: deliveries a second',
  against: 'the same bare hub, which sends frame by frame',
  aims: [atLeast('deliveries ratio', 3), atMost('lone p50 ratio', 1.1)],
  async open(bench) {
    const sockets = bench.pick({ full: 1_000, quick: 200, smoke: 6 })
    const lone = bench.pick({ full: 100, quick: 40, smoke: 2 })
    const how = { count: bench.pick({ full: 200, quick: 100, smoke: 20 }), inFlight: 64 }
    const floor = await floorSide(bench, 'burst', sockets)
    const ours = await ourSide(bench, 'burst', sockets)
    const together = await ourSide(bench, 'burst-lone', 1)
    const alone = await ourSide(bench, 'burst-lone', 1, 'uncoalesced')
    return {
      async run() {
        const theirs = await sendTogether(floor, how)
        const own = await sendTogether(ours, how)
        const without = await sendOneByOne(alone, lone)
        const withIt = await sendOneByOne(together, lone)
        return {
          'floor deliveries/s': theirs.perSecond,
          'ours deliveries/s': own.perSecond,
          'deliveries ratio': own.perSecond / theirs.perSecond,
          'floor texts a socket': theirs.delivered.texts / sockets,
          'ours texts a socket': own.delivered.texts / sockets,
          'lone p50 ms without': without.latency.p50,
          'lone p50 ms': withIt.latency.p50,
          'lone p50 ratio': withIt.latency.p50 / without.latency.p50,
        }
      },
    }
  },
}
