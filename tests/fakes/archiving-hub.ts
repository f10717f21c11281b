import { LogStore, type NewEntry } from '../../durable-objects/store/log.ts'
import { openMeta } from '../../durable-objects/store/meta.ts'
import { ParkedStore } from '../../durable-objects/store/parked.ts'
import { Archiver } from '../../durable-objects/hub/archiver.ts'
import { FakeSink } from './sink.ts'
import { fakeSql } from './sql.ts'

export const START = 1_000_000

/** A hub reduced to what its archiver touches. */
export function hubOf(sink = new FakeSink()) {
  const sql = fakeSql()
  const log = new LogStore(sql)
  const clock = { now: START, random: 0.5 }
  const wake = () =>
    new Archiver({
      log,
      parked: new ParkedStore(sql, log),
      meta: openMeta(sql),
      sink,
      identity: () => ({ stream: 'user:ana', epoch: 'e1' }),
      toArchive: (entry) =>
        entry.parked === 1
          ? { kind: 'nothing', seq: entry.seq }
          : { kind: 'mark', seq: entry.seq, at: entry.at, op: 'read', targets: [] },
      now: () => clock.now,
      random: () => clock.random,
    })
  const write = (count: number, change: Partial<NewEntry> = {}) => {
    for (let index = 0; index < count; index += 1) {
      log.append({ kind: 'mark', at: clock.now, body: '{}', ...change })
    }
    return log.head
  }
  return { sink, sql, log, clock, wake, write, archiver: wake() }
}

export const upTo = (seq: number) => Array.from({ length: seq }, (_, index) => index + 1)
