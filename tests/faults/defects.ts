// Servers that are wrong on purpose. A defect replaces one place in our own source while it is bundled, and shows only in
// worlds whose ids carry its name; the judge must find each. Nothing of this is in what is deployed.
import type { Violation } from './history.ts'

export interface Defect {
  /** In the ids of its world. */
  name: string
  says: string
  file: string
  /** Stands in the file exactly once, or the build fails. */
  replace: string
  by: string
  /** What the judge must name, at least. */
  breaks: Violation['rule']
}

/** Whose turn it is to go wrong: every `every`th time in worlds of that name. In front of the bundle. */
export const TURNS = `const turns = {};
function isTurn(name, of, every = 1) {
  if (!String(of).includes('-' + name + '-')) return false;
  turns[name] = (turns[name] ?? 0) + 1;
  return turns[name] % every === 0;
}`

/** What shows when nothing else is wrong. */
export const CALM_DEFECTS: readonly Defect[] = [
  {
    name: 'loses',
    says: 'the way out loses an entry',
    file: 'durable-objects/hub/outbound.ts',
    replace: 'if (frame === null) continue',
    by: "if (frame === null || isTurn('loses', conn.about.sub, 5)) continue",
    breaks: 'ST5',
  },
  {
    name: 'doubles',
    says: 'the way out sends an entry twice',
    file: 'durable-objects/hub/outbound.ts',
    replace: 'frames.push(frame)',
    by: "frames.push(frame); if (isTurn('doubles', conn.about.sub, 5)) frames.push(frame)",
    breaks: 'ST3',
  },
  {
    name: 'swaps',
    says: 'the way out swaps entries',
    file: 'durable-objects/hub/outbound.ts',
    replace: 'return { texts: joinFrames(frames), seqs }',
    by: "if (isTurn('swaps', conn.about.sub)) frames.reverse(); return { texts: joinFrames(frames), seqs }",
    breaks: 'ST3',
  },
  {
    name: 'keyless',
    says: 'a key is not kept with its entry',
    file: 'durable-objects/hub/append.ts',
    replace: 'idem_key: idempotency?.key ?? null',
    by: "idem_key: isTurn('keyless', hub.stream) ? null : (idempotency?.key ?? null)",
    breaks: 'CO5',
  },
  {
    name: 'holes',
    says: 'an entry is not copied to an own stream',
    file: 'durable-objects/user/pulls.ts',
    replace: 'const home = locationStream(row.locationId)',
    by: "if (isTurn('holes', this.#hub.stream, 4)) return null; const home = locationStream(row.locationId)",
    breaks: 'ST7',
  },
  {
    name: 'recopies',
    says: 'the cursor of a location does not move with the copies',
    file: 'durable-objects/user/pulls.ts',
    replace:
      'this.#memberships.moveCursor(locationId, { epoch: page.head.epoch, seq: page.upTo }, false)',
    by: "if (!isTurn('recopies', this.#hub.stream, 3)) this.#memberships.moveCursor(locationId, { epoch: page.head.epoch, seq: page.upTo }, false)",
    breaks: 'ST7',
  },
  {
    name: 'unnudged',
    says: 'who watches is not told',
    file: 'durable-objects/location/nudger.ts',
    replace: 'const hub = userPeer(this.#hub.env, user_id)',
    by: "if (isTurn('unnudged', this.#hub.stream)) return; const hub = userPeer(this.#hub.env, user_id)",
    breaks: 'ST5',
  },
  {
    name: 'rowless',
    says: 'a row does not reach D1',
    file: 'db/sink.ts',
    replace: '...notificationStatements(batch)',
    by: "...notificationStatements(isTurn('rowless', batch.stream, 3) ? { ...batch, entries: [] } : batch)",
    breaks: 'ST5',
  },
]

/** What shows only when hubs have slept. */
export const SLEEPY_DEFECTS: readonly Defect[] = [
  {
    name: 'forgets',
    says: 'a hub that comes back from hibernation does not know its sockets',
    file: 'durable-objects/hub/sockets.ts',
    replace: 'if (known) return known',
    by: "if (known) return known; if (isTurn('forgets', ws.deserializeAttachment()?.sub)) return null",
    breaks: 'ST5',
  },
]

/** What shows only after lost sockets or a kill. */
export const ROUGH_DEFECTS: readonly Defect[] = [
  {
    name: 'skips',
    says: 'a resume begins one too late',
    file: 'durable-objects/hub/upgrade.ts',
    replace: '.since(after, hub.log.head - after)',
    by: ".since(after + (isTurn('skips', hub.stream) ? 1 : 0), hub.log.head - after)",
    breaks: 'ST7',
  },
  {
    name: 'unarmed',
    says: 'no alarm is set for what D1 does not have',
    file: 'durable-objects/location-hub.ts',
    replace: 'return this.#hub.arm([',
    by: "if (isTurn('unarmed', this.#hub.stream)) return Promise.resolve(); return this.#hub.arm([",
    breaks: 'ST5',
  },
]

export const DEFECTS: readonly Defect[] = [...CALM_DEFECTS, ...SLEEPY_DEFECTS, ...ROUGH_DEFECTS]
