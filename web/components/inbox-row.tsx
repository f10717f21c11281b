// One notification in the list: picture, title, one line of detail, time at the right.
import Mail from '~icons/lucide/mail'
import MailOpen from '~icons/lucide/mail-open'
import Trash from '~icons/lucide/trash'
import { useNotifications } from '../../client/preact.ts'
import type { InboxEntry } from '../../client/types.ts'
import { moment, rowTime } from '../format/times.ts'
import { useApp, useViewer, useWords } from '../hooks/use-app.ts'
import { notificationPath } from '../routes.ts'
import { KindIcon } from './kind-icon.tsx'
import { focusRow, neighbourOf, rowId } from './row-focus.ts'
import { UnsentMark } from './unsent.tsx'
import { Urgent } from './urgent.tsx'

interface Props {
  entry: InboxEntry
  isOpen: boolean
  onOpen: (event: MouseEvent, id: string) => void
}

export function InboxRow({ entry, isOpen, onOpen }: Props) {
  const { reading } = useApp()
  const { unsent } = useNotifications()
  const words = useWords()
  const viewer = useViewer()
  const sent = Date.parse(entry.sent_at)
  const isUnread = !entry.state.is_read
  const looks = [
    'row',
    isUnread ? 'row-unread' : 'row-read',
    isOpen && 'row-open',
    reading.hasJustArrived(entry) && 'row-new',
  ]
  return (
    <li class={looks.filter(Boolean).join(' ')}>
      <a
        class="row-link"
        id={rowId(entry.id)}
        href={notificationPath(entry.id)}
        aria-current={isOpen ? 'true' : undefined}
        onClick={(event) => onOpen(event, entry.id)}
      >
        <KindIcon type={entry.type} category={entry.category} />
        <span>
          <span class="hidden-text">
            {isUnread && `${words.inbox.unreadMark}, `}
            {unsent.ids.has(entry.id) && `${words.inbox.unsentMark}, `}
            {words.category[entry.category]}:
          </span>
          <Urgent priority={entry.priority} />
          <span class="row-title">{entry.title}</span>
          {entry.message && <span class="row-detail">{entry.message}</span>}
        </span>
        <span class="row-side">
          <time dateTime={entry.sent_at} title={moment(sent, viewer)}>
            {rowTime(sent, viewer, words.time)}
          </time>
          <span class="row-marks">
            <UnsentMark id={entry.id} />
            {isUnread && <span class="dot" data-testid="unread" />}
          </span>
        </span>
      </a>
      <RowActions entry={entry} isUnread={isUnread} />
    </li>
  )
}

function RowActions({ entry, isUnread }: { entry: InboxEntry; isUnread: boolean }) {
  const { markRead, markUnread, remove } = useNotifications()
  const words = useWords().detail
  const toggle = isUnread ? words.markRead : words.markUnread
  return (
    <div class="row-actions">
      <button
        type="button"
        class="button button-quiet button-icon"
        aria-label={`${toggle}: ${entry.title}`}
        title={toggle}
        onClick={() => void (isUnread ? markRead(entry.id) : markUnread(entry.id))}
      >
        {isUnread ? <MailOpen width={20} height={20} /> : <Mail width={20} height={20} />}
      </button>
      <button
        type="button"
        class="button button-quiet button-icon text-danger"
        aria-label={`${words.delete}: ${entry.title}`}
        title={words.delete}
        onClick={() => {
          const next = neighbourOf(entry.id)
          void remove(entry.id)
          focusRow(next)
        }}
      >
        <Trash width={20} height={20} />
      </button>
    </div>
  )
}
