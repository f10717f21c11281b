// Four senders at once to a location with a thousand open sockets.
import { atLeast, type Row } from '../row.ts'
import { floorSide, ourSide, sendTogether } from '../sides.ts'

export const inFlight: Row = {
  id: 'in-flight',
  title: 'the same, 4 sends in flight: deliveries a second',
  against: 'the same bare hub',
  aims: [atLeast('deliveries ratio', 1.1)],
  async open(bench) {
    const sockets = bench.pick({ full: 1_000, quick: 200, smoke: 6 })
    const how = { count: bench.pick({ full: 200, quick: 60, smoke: 8 }), inFlight: 4 }
    const floor = await floorSide(bench, 'in-flight', sockets)
    const ours = await ourSide(bench, 'in-flight', sockets)
    return {
      async run() {
        const theirs = await sendTogether(floor, how)
        const own = await sendTogether(ours, how)
        return {
          'floor deliveries/s': theirs.perSecond,
          'ours deliveries/s': own.perSecond,
          'deliveries ratio': own.perSecond / theirs.perSecond,
          'ours texts a socket': own.delivered.texts / sockets,
        }
      },
    }
  },
}
