// The list by days, with the pill for what waits above. It shows; the store decides what.
import ArrowUp from '~icons/lucide/arrow-up'
import { useNotifications } from '../../client/preact.ts'
import type { InboxEntry } from '../../client/types.ts'
import { groupByDay } from '../format/days.ts'
import { dayHeading } from '../format/times.ts'
import { useApp, useViewer, useWords } from '../hooks/use-app.ts'
import { useScrollLine } from '../hooks/use-scroll-line.ts'
import { InboxRow } from './inbox-row.tsx'
import { EmptyInbox, FailedInbox, LoadingInbox } from './inbox-states.tsx'

interface Props {
  openId: string | null
  onOpen: (event: MouseEvent, id: string) => void
}

export function InboxList({ openId, onOpen }: Props) {
  const { reading } = useApp()
  const { notifications, status } = useNotifications()
  const { scroller, onScroll, toTop } = useScrollLine(reading)
  return (
    <>
      <div class="scroller" ref={scroller} onScroll={onScroll} onKeyDown={moveByArrows}>
        {notifications.length > 0 ? (
          <Days entries={reading.shown.value} openId={openId} onOpen={onOpen} />
        ) : (
          <NoList status={status} />
        )}
      </div>
      <NewerPill toTop={toTop} />
    </>
  )
}

function NoList({ status }: { status: string }) {
  if (status === 'failed') return <FailedInbox />
  return status === 'loading' ? <LoadingInbox /> : <EmptyInbox />
}

function Days({ entries, openId, onOpen }: Props & { entries: readonly InboxEntry[] }) {
  const viewer = useViewer()
  const days = groupByDay(entries, (one) => Date.parse(one.sent_at), viewer.zone)
  return (
    <>
      {days.map((day) => {
        const heading = `day-${day.key}`
        const first = day.items[0]
        return (
          <section key={day.key} aria-labelledby={heading}>
            <h2 class="day-name" id={heading}>
              {first && dayHeading(Date.parse(first.sent_at), viewer)}
            </h2>
            <ul role="list">
              {day.items.map((entry) => (
                <InboxRow
                  key={entry.id}
                  entry={entry}
                  isOpen={entry.id === openId}
                  onOpen={onOpen}
                />
              ))}
            </ul>
          </section>
        )
      })}
      <Older />
    </>
  )
}

function Older() {
  const { hasMore, isLoading, loadMore } = useNotifications()
  const words = useWords().inbox
  if (!hasMore) return <p class="list-end">{words.end}</p>
  return (
    <div class="list-end">
      <button type="button" class="button" disabled={isLoading} onClick={() => void loadMore()}>
        {isLoading ? words.loadingOlder : words.older}
      </button>
    </div>
  )
}

function NewerPill({ toTop }: { toTop: () => void }) {
  const words = useWords().inbox
  const waiting = useApp().reading.waiting.value
  if (waiting === 0) return null
  return (
    <button
      type="button"
      class="button newer tabular"
      aria-label={words.newerLabel(waiting)}
      onClick={toTop}
    >
      <ArrowUp width={18} height={18} />
      {words.newer(waiting)}
    </button>
  )
}

/** Arrow keys walk from row to row, as in any list of a desktop. */
function moveByArrows(event: KeyboardEvent) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const list = event.currentTarget as HTMLElement
  const rows = [...list.querySelectorAll<HTMLElement>('.row-link')]
  const at = rows.findIndex((row) => row === document.activeElement)
  if (at === -1) return
  const next = rows[at + (event.key === 'ArrowDown' ? 1 : -1)]
  if (!next) return
  event.preventDefault()
  next.focus()
}
