// The inbox: the list, and what is open of it over or beside it.
import { useCallback, useEffect, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { useNotifications } from '../../client/preact.ts'
import { ActionNote } from '../components/action-note.tsx'
import { Announcer } from '../components/announcer.tsx'
import { Bell } from '../components/bell.tsx'
import { ConnectionBadge, ConnectionNote } from '../components/connection.tsx'
import { InboxList } from '../components/inbox-list.tsx'
import { InboxTools } from '../components/inbox-tools.tsx'
import { NotificationDetail } from '../components/notification-detail.tsx'
import { UnsentNote } from '../components/unsent.tsx'
import { focusRow, neighbourOf } from '../components/row-focus.ts'
import { useApp, useWords } from '../hooks/use-app.ts'
import { useIsWide } from '../hooks/use-media.ts'
import { usePageHeading } from '../hooks/use-page-heading.ts'
import { useMarkSeen } from '../hooks/use-mark-seen.ts'
import { INBOX, notificationPath } from '../routes.ts'

export function InboxPage({ openId }: { openId: string | null }) {
  const { reading } = useApp()
  const words = useWords()
  const isWide = useIsWide()
  const heading = usePageHeading()
  const { onOpen, onClose, onDelete } = useOpening(openId)
  useMarkSeen()
  return (
    <div class="inbox">
      <section class="inbox-list" inert={openId !== null && !isWide}>
        <header class="page-head">
          <Bell swings={reading.arrivals.value} />
          <h1 ref={heading} tabIndex={-1}>
            {words.inbox.title}
          </h1>
          <ConnectionBadge />
        </header>
        <InboxTools />
        <ConnectionNote />
        <UnsentNote />
        <ActionNote />
        <InboxList openId={openId} onOpen={onOpen} />
        <Announcer />
      </section>
      {openId !== null && (
        <NotificationDetail key={openId} id={openId} onClose={onClose} onDelete={onDelete} />
      )}
      {openId === null && isWide && <NothingOpen />}
    </div>
  )
}

function NothingOpen() {
  const words = useWords().inbox
  const { notifications } = useNotifications()
  if (notifications.length === 0) return null
  return (
    <div class="detail-none">
      <Bell size={72} />
      <p>{words.pick}</p>
    </div>
  )
}

/** Opening and closing as history sees it: Back always leads to the list, after however many rows. */
function useOpening(openId: string | null) {
  const { route, back } = useLocation()
  const cameFromList = useRef(false)
  const lastOpen = useRef<string | null>(null)
  useEffect(() => {
    if (openId !== null) lastOpen.current = openId
    else if (lastOpen.current !== null) {
      focusRow(lastOpen.current)
      lastOpen.current = null
      cameFromList.current = false
    }
  }, [openId])
  const onOpen = (event: MouseEvent, id: string) => {
    const isForBrowser = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0
    if (isForBrowser) return
    // Beside an open one the next takes its place in history, so Back does not walk through all.
    event.preventDefault()
    event.stopPropagation()
    if (openId === null) cameFromList.current = true
    if (id !== openId) route(notificationPath(id), openId !== null)
  }
  const onClose = useCallback(() => {
    if (cameFromList.current) back()
    else route(INBOX, true)
  }, [back, route])
  /** Closes an entry that is about to go: the focus goes on to the row beside it. */
  const onDelete = () => {
    if (openId !== null) lastOpen.current = neighbourOf(openId) ?? openId
    onClose()
  }
  return { onOpen, onClose, onDelete }
}
