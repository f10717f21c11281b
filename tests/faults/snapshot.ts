// [AR5] A person's whole inbox over REST, and whether it knows as much as its reader.
import type { InboxAnswer } from '../../protocol/api.ts'
import type { LoggedFrame } from '../../protocol/server-frames.ts'
import type { Snapshot } from './device-fold.ts'
import type { Held } from './history.ts'
import { ask, type Line, type TokenSource } from './rest.ts'

export interface CountedSnapshot extends Snapshot {
  unread: number
}

/** All pages as of one moment; rejects when something was written between two of them. */
export async function takeSnapshot(
  line: Line,
  token: TokenSource,
  location?: string,
): Promise<CountedSnapshot> {
  const rows: Snapshot['rows'] = []
  let first: InboxAnswer | null = null
  let after: string | null = null
  do {
    const page: InboxAnswer = await readPage(line, token, {
      limit: '100',
      ...(location !== undefined && { location_id: location }),
      ...(after !== null && { after }),
    })
    first ??= page
    if (JSON.stringify(page.as_of) !== JSON.stringify(first.as_of)) throw new Error('it moved')
    rows.push(...page.data)
    after = page.page.has_more ? page.page.after : null
  } while (after !== null)
  return { rows, asOf: first.as_of, unread: first.counts.unread }
}

async function readPage(
  line: Line,
  token: TokenSource,
  query: Record<string, string>,
): Promise<InboxAnswer> {
  const path = `/api/v1/notifications?${new URLSearchParams(query)}`
  const read = async (refresh: boolean) =>
    ask(line, { path, headers: { authorization: `Bearer ${await token(refresh)}` } })
  const first = await read(false)
  const answer = first.status === 401 ? await read(true) : first
  if (answer.status !== 200) throw new Error(`the inbox answers ${answer.status}`)
  return answer.body as InboxAnswer
}

/** Neither below a head that a welcome named, nor below a frame that was held when it was asked for. */
export function isWhole(
  { asOf }: Snapshot,
  heads: InboxAnswer['as_of'],
  frames: readonly LoggedFrame[],
  only: string | null,
): boolean {
  const places = [
    ...Object.entries(heads),
    ...frames.map(({ data }) => [data.stream, data.seq] as const),
  ]
  if (only !== null && asOf[only] === undefined) return false
  return places.every(([stream, seq]) => {
    const known = asOf[stream]
    // A stream that is not named is not the person's any more.
    return known === undefined || known >= seq
  })
}

/** Oldest first. */
export const heldIn = ({ rows }: Snapshot): Held[] =>
  rows.toReversed().map(({ id, stream, seq, state }) => {
    return { id, stream, seq, isRead: state?.is_read ?? false }
  })
