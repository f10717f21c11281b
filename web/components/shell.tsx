// The frame of a signed-in window: the page of the address, and the tabs.
import { useEffect } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { useNotifications } from '../../client/preact.ts'
import type { Me } from '../../protocol/api.ts'
import { useApp, useWords } from '../hooks/use-app.ts'
import { useIsWide } from '../hooks/use-media.ts'
import { InboxPage } from '../pages/inbox-page.tsx'
import { MePage } from '../pages/me-page.tsx'
import { routeOf, type Route } from '../routes.ts'
import { maySend } from '../stores/rights.ts'
import { loadSendPage, SendPageLater } from './send-page-later.tsx'
import { TabBar } from './tab-bar.tsx'

export function Shell() {
  const { me } = useApp()
  const isWide = useIsWide()
  const asked = routeOf(useLocation().path)
  const route: Route = asked.page === 'send' && !maySend(me) ? routeOf('/') : asked
  const isCovered = route.page === 'inbox' && route.open !== null && !isWide
  useTitle(route)
  usePreload(me)
  return (
    <div class="shell">
      <TabBar route={route} covered={isCovered} />
      <main class="page">
        {route.page === 'inbox' && <InboxPage openId={route.open} />}
        {route.page === 'send' && <SendPageLater />}
        {route.page === 'me' && <MePage />}
      </main>
    </div>
  )
}

/** What cannot be fetched now is fetched when its tab is opened, which also says so when it fails. */
function usePreload(me: Me) {
  const isSender = maySend(me)
  useEffect(() => {
    if (isSender) loadSendPage().catch(() => undefined)
  }, [isSender])
}

/** The tab of a browser shows the count too. */
function useTitle({ page }: Route) {
  const { counts } = useNotifications()
  const words = useWords()
  const title = `${words.tabs[page]} · ${words.app}`
  const { unread } = counts
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) ${title}` : title
  }, [title, unread])
}
