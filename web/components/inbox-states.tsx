// The inbox when there is no list to show. Each of these is a state of its own, not a gap.
import { useNotifications } from '../../client/preact.ts'
import { useWords } from '../hooks/use-app.ts'
import { Bell } from './bell.tsx'

const SKELETON_ROWS = [0, 1, 2, 3, 4, 5]

export function LoadingInbox() {
  const words = useWords().inbox
  return (
    <div role="status" aria-label={words.loading}>
      {SKELETON_ROWS.map((row) => (
        <div key={row} class="skeleton-row">
          <span class="skeleton skeleton-icon" />
          <span>
            <span class="skeleton skeleton-line block-line" />
            <span class="skeleton skeleton-line block-line" />
          </span>
        </div>
      ))}
    </div>
  )
}

export function EmptyInbox() {
  const words = useWords().inbox
  return (
    <div class="quiet">
      <Bell size={72} />
      <h2>{words.emptyTitle}</h2>
      <p>{words.emptyText}</p>
    </div>
  )
}

export function FailedInbox() {
  const words = useWords()
  const { refresh } = useNotifications()
  return (
    <div class="quiet">
      <h2>{words.inbox.failedTitle}</h2>
      <p>{words.inbox.failedText}</p>
      <button type="button" class="button" onClick={refresh}>
        {words.retry}
      </button>
    </div>
  )
}
