// [RE1] What an entry of the own stream is as a push: the facts that decide, and what is sent.
import { categoryOf } from '../../protocol/notification-types.ts'
import type { StoredNotification } from '../../protocol/notification.ts'
import { present } from '../core/present.ts'
import { pushUntil, topicOf, ttlOf, urgencyOf, type PushFacts } from '../core/push.ts'
import type { Hub } from '../hub/hub.ts'
import type { Shown } from '../push/payload.ts'
import type { Push } from '../push/send.ts'
import { testWords } from '../push/texts.ts'
import { homeOf, type LogEntry } from '../store/log.ts'
import type { MarkStore } from '../store/marks.ts'
import type { PushDeviceRow } from '../store/push.ts'
import type { OwnFrames } from './own-frames.ts'
import type { Person } from './person.ts'

/** One entry for one device. */
export interface PushJob extends Omit<Push, 'payload'> {
  seq: number
  shown: Shown
}

const TEST_TTL_S = 60

export interface PushJobsDeps {
  hub: Hub
  marks: MarkStore
  frames: OwnFrames
  person: Person
}

export class PushJobs {
  #deps: PushJobsDeps

  constructor(deps: PushJobsDeps) {
    this.#deps = deps
  }

  factsOf(entry: LogEntry, isWatched: boolean): PushFacts {
    const { marks, frames } = this.#deps
    const { sent_at, type } = JSON.parse(entry.body) as StoredNotification
    const state = marks.stateOf(this.#homeOf(entry), categoryOf(type))
    return {
      at: entry.at,
      sentAt: Date.parse(sent_at),
      expiresAt: entry.expires_at,
      isOver: entry.gone === 1,
      isTheirs: frames.maySee(entry),
      // Whatever was read, acknowledged or archived was seen (IN2).
      isDone: state.seen_at !== null || state.deleted_at !== null,
      isWatched,
    }
  }

  jobOf(entry: LogEntry, { origin }: PushDeviceRow, at: number): PushJob {
    const { person } = this.#deps
    const stored = JSON.parse(entry.body) as StoredNotification
    const reader = { locale: person.locale, zone: person.zoneFor(stored.location_id) }
    const { id, title, message, priority } = present(stored, this.#homeOf(entry), reader, null)
    const sentAt = Date.parse(stored.sent_at)
    return {
      seq: entry.seq,
      ttl: ttlOf(pushUntil({ sentAt, expiresAt: entry.expires_at }), at),
      urgency: urgencyOf(priority),
      topic: topicOf(id),
      shown: {
        tag: id,
        title,
        body: message,
        navigate: `${origin}/n/${id}`,
        at: sentAt,
        priority,
        replaces: stored.replaces ?? null,
        badge: null,
      },
    }
  }

  testJob({ origin }: PushDeviceRow, at: number): PushJob {
    const { title, body } = testWords(this.#deps.person.locale)
    const shown = { tag: 'test', title, body, navigate: `${origin}/`, at }
    return {
      seq: 0,
      ttl: TEST_TTL_S,
      urgency: 'high',
      topic: null,
      shown: { ...shown, priority: 'normal', replaces: null, badge: null },
    }
  }

  #homeOf(entry: LogEntry) {
    const { stream, epoch } = this.#deps.hub
    return homeOf(entry, { stream, epoch })
  }
}
