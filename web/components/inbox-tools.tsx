// Above the list: how much is unread, and what can be done with all of it.
import CheckCheck from '~icons/lucide/check-check'
import { useState } from 'preact/hooks'
import { useNotifications } from '../../client/preact.ts'
import { useWords } from '../hooks/use-app.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'

export function InboxTools() {
  const { counts, notifications, status, markAllRead, clear } = useNotifications()
  const [isAsking, setAsking] = useState(false)
  const words = useWords().inbox
  const isEmpty = notifications.length === 0
  return (
    <div class="inbox-tools">
      <p class="tabular" data-testid="unread-count">
        {!isEmpty && words.unread(counts.unread)}
        {status === 'catching_up' && ` · ${words.catchingUp}`}
      </p>
      <button
        type="button"
        class="button button-quiet"
        disabled={counts.unread === 0}
        onClick={() => void markAllRead()}
      >
        <CheckCheck width={18} height={18} />
        {words.markAll}
      </button>
      <button
        type="button"
        class="button button-quiet"
        disabled={isEmpty}
        onClick={() => setAsking(true)}
      >
        {words.clear}
      </button>
      {isAsking && (
        <ConfirmDialog
          title={words.clearTitle}
          text={words.clearText}
          confirm={words.clearConfirm}
          onConfirm={() => void clear()}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  )
}
