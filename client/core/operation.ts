// [TR6] What an operation of the outbox does to the entries it names.
import type { Mark, Operation, Wish } from '../types.ts'
import type { Change } from './entry.ts'
import type { Target } from './fold.ts'
import type { WaitingMark } from './view.ts'

const UNSET = {
  read: 'unread',
  seen: 'unseen',
  archived: 'unarchived',
  acknowledged: 'unacknowledged',
} as const satisfies Record<Mark, Change['state']>

/** What it does to the entries it names. */
export function stateOf(wish: Wish): Change['state'] {
  switch (wish.verb) {
    case 'mark':
      return wish.mark
    case 'unmark':
      return UNSET[wish.mark]
    case 'read_all':
      return 'read'
    default:
      return 'deleted'
  }
}

function targetOf(wish: Wish): Target {
  if ('id' in wish) return { notification_ids: [wish.id] }
  const { up_to, category } = wish.body
  return { ...(up_to && { up_to }), ...(category && { category }) }
}

/** [AR5] How it shows until the server has it. */
export const markOf = ({ key, at, wish }: Operation, isSent: boolean): WaitingMark => ({
  key,
  target: targetOf(wish),
  made: { state: stateOf(wish), at: new Date(at).toISOString() },
  isSent,
})
