// [TR6] What stands in for a disk where there is none.
import type { OutboxStore, Queued } from './types.ts'

/** For programs without a browser, and browsers that keep nothing. `rows` are what was in another store before. */
export function memoryStore(rows: readonly Queued[] = []): OutboxStore {
  let kept = rows
  let places = Math.max(0, ...rows.map(({ place }) => place ?? 0))
  const of = (userId: string) => kept.filter((row) => row.userId === userId)
  return {
    isLasting: false,
    async add(operation) {
      const place = ++places
      kept = [...kept, { ...operation, place }]
      return place
    },
    first: async (userId) => of(userId)[0] ?? null,
    all: async (userId) => of(userId),
    async remove(place) {
      kept = kept.filter((row) => row.place !== place)
    },
    alone: (_userId, work) => work(),
    tell: () => {},
    listen: () => () => {},
  }
}
