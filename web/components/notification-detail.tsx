// One notification, opened over the list on a phone and beside it on a wide screen.
import ArrowLeft from '~icons/lucide/arrow-left'
import Check from '~icons/lucide/circle-check'
import Close from '~icons/lucide/x'
import Mail from '~icons/lucide/mail'
import MailOpen from '~icons/lucide/mail-open'
import Trash from '~icons/lucide/trash'
import { useEffect, useRef } from 'preact/hooks'
import { useNotifications } from '../../client/preact.ts'
import type { InboxEntry } from '../../client/types.ts'
import { useWords } from '../hooks/use-app.ts'
import { useEscape } from '../hooks/use-escape.ts'
import { useIsWide } from '../hooks/use-media.ts'
import { useOne } from '../hooks/use-one.ts'
import { DetailFacts } from './detail-facts.tsx'
import { LoadingInbox } from './inbox-states.tsx'
import { KindIcon } from './kind-icon.tsx'
import { UnsentDetail } from './unsent.tsx'
import { Urgent } from './urgent.tsx'

interface Props {
  id: string
  onClose: () => void
  /** Closes too, before the entry goes. */
  onDelete: () => void
}

export function NotificationDetail({ id, onClose, onDelete }: Props) {
  const one = useOne(id)
  const words = useWords()
  const isWide = useIsWide()
  useEscape(onClose)
  return (
    <article class="detail" aria-label={words.detail.label}>
      <div class="detail-head">
        <button
          type="button"
          class="button button-quiet button-icon"
          aria-label={isWide ? words.close : words.back}
          onClick={onClose}
        >
          {isWide ? <Close width={22} height={22} /> : <ArrowLeft width={22} height={22} />}
        </button>
      </div>
      {one.name === 'here' && <Opened key={id} entry={one.entry} onDelete={onDelete} />}
      {one.name === 'loading' && <LoadingInbox />}
      {one.name === 'missing' && (
        <div class="quiet">
          <h2>{words.detail.missing}</h2>
          <p>{words.detail.missingHint}</p>
        </div>
      )}
      {one.name === 'failed' && (
        <div class="quiet">
          <h2>{words.detail.failed}</h2>
          <button type="button" class="button" onClick={one.again}>
            {words.retry}
          </button>
        </div>
      )}
    </article>
  )
}

interface OpenedProps {
  entry: InboxEntry
  onDelete: () => void
}

function Opened({ entry, onDelete }: OpenedProps) {
  const { markRead } = useNotifications()
  const words = useWords()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus()
    // Opening is reading (IN3). Once: who marks it unread again while it is open means it.
    if (!entry.state.is_read) void markRead(entry.id)
  }, [])
  const type = Object.entries(words.type).find(([name]) => name === entry.type)?.[1]
  return (
    <>
      <div class="detail-body">
        <p class="detail-kind">
          <KindIcon type={entry.type} category={entry.category} />
          {type ?? words.category[entry.category]}
          <Urgent priority={entry.priority} />
        </p>
        <h2 ref={heading} tabIndex={-1}>
          {entry.title}
        </h2>
        {entry.message && <p class="detail-message">{entry.message}</p>}
        {entry.state.acknowledged_at !== null && <Confirmed />}
        <UnsentDetail id={entry.id} />
        <DetailFacts entry={entry} />
      </div>
      <Actions entry={entry} onDelete={onDelete} />
    </>
  )
}

function Confirmed() {
  const words = useWords().detail
  return (
    <p class="detail-confirmed">
      <Check width={20} height={20} />
      {words.confirmed}
    </p>
  )
}

function Actions({ entry, onDelete }: OpenedProps) {
  const { markRead, markUnread, remove, acknowledge } = useNotifications()
  const words = useWords().detail
  const isToConfirm = entry.requires_ack && entry.state.acknowledged_at === null
  const isRead = entry.state.is_read
  const Picture = isRead ? Mail : MailOpen
  return (
    <div class="detail-actions">
      {isToConfirm && (
        <button type="button" class="button button-main" onClick={() => void acknowledge(entry.id)}>
          {words.confirm}
        </button>
      )}
      <button
        type="button"
        class="button"
        onClick={() => void (isRead ? markUnread(entry.id) : markRead(entry.id))}
      >
        <Picture width={20} height={20} />
        {isRead ? words.markUnread : words.markRead}
      </button>
      <button
        type="button"
        class="button text-danger"
        onClick={() => {
          onDelete()
          void remove(entry.id)
        }}
      >
        <Trash width={20} height={20} />
        {words.delete}
      </button>
    </div>
  )
}
