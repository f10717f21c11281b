// Where the thumb is: the ways through the app, and how much is unread.
import type { ComponentType, SVGAttributes } from 'preact'
import InboxIcon from '~icons/lucide/inbox'
import MeIcon from '~icons/lucide/circle-user'
import SendIcon from '~icons/lucide/send'
import { useNotifications } from '../../client/preact.ts'
import { useApp, useWords } from '../hooks/use-app.ts'
import { INBOX, ME, SEND, type Route } from '../routes.ts'
import { maySend } from '../stores/rights.ts'

/** A badge says how much without growing out of its corner. */
const badgeText = (count: number) => (count > 99 ? '99+' : String(count))

interface TabProps {
  href: string
  label: string
  Icon: ComponentType<SVGAttributes<SVGSVGElement>>
  current: boolean
  unread?: number
}

function Tab({ href, label, Icon, current, unread = 0 }: TabProps) {
  const words = useWords()
  return (
    <a class="tab" href={href} aria-current={current ? 'page' : undefined}>
      <span class="tab-icon">
        <Icon width={22} height={22} />
        {unread > 0 && (
          <span class="badge" aria-hidden="true" data-testid="badge">
            {badgeText(unread)}
          </span>
        )}
      </span>
      <span>{label}</span>
      {unread > 0 && <span class="hidden-text">, {words.inbox.unread(unread)}</span>}
    </a>
  )
}

export function TabBar({ route, covered }: { route: Route; covered: boolean }) {
  const { me } = useApp()
  const words = useWords().tabs
  const { counts } = useNotifications()
  const { page } = route
  return (
    <nav class="tabs" aria-label={words.label} inert={covered}>
      <Tab
        href={INBOX}
        label={words.inbox}
        Icon={InboxIcon}
        current={page === 'inbox'}
        unread={counts.unread}
      />
      {maySend(me) && (
        <Tab href={SEND} label={words.send} Icon={SendIcon} current={page === 'send'} />
      )}
      <Tab href={ME} label={words.me} Icon={MeIcon} current={page === 'me'} />
    </nav>
  )
}
