// The ways out: of this window or this browser, of every device, and in development for somebody else to come in.
import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import LogOut from '~icons/lucide/log-out'
import { useNotifications } from '../../client/preact.ts'
import { useApp, useWords } from '../hooks/use-app.ts'
import { INBOX } from '../routes.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'

export function Leaving() {
  const { session, by } = useApp()
  const words = useWords().me
  const { unsent } = useNotifications()
  const { route } = useLocation()
  const [isAsking, ask] = useState(false)
  const leave = (go: () => unknown) => {
    // Whoever comes next starts at the inbox, not here.
    route(INBOX, true)
    void go()
  }
  return (
    <section class="block">
      <p class="soft">{by === 'demo' ? words.window : words.browser}</p>
      {unsent.count > 0 && <p class="late">{words.unsentStays(unsent.count)}</p>}
      <div class="ways-out">
        <button
          type="button"
          class="button"
          onClick={() => leave(() => session.signOut({ everywhere: false }))}
        >
          <LogOut width={20} height={20} />
          {words.signOut}
        </button>
        <button type="button" class="button" onClick={() => ask(true)}>
          {words.everywhere}
        </button>
        <SomeoneElse onChoose={() => leave(session.stepAside)} />
      </div>
      {isAsking && (
        <ConfirmDialog
          title={words.everywhereTitle}
          text={[words.everywhereText, unsent.count > 0 && words.unsentDropped(unsent.count)]
            .filter(Boolean)
            .join(' ')}
          confirm={words.everywhere}
          onConfirm={() => leave(() => session.signOut({ everywhere: true }))}
          onClose={() => ask(false)}
        />
      )}
    </section>
  )
}

/** In development the cookie brings everybody in as the last one; two windows can still be two people. */
function SomeoneElse({ onChoose }: { onChoose: () => void }) {
  const { by, door } = useApp()
  const words = useWords().me
  const isUnknown = by === 'session' && door.status.value === 'asking'
  useEffect(() => {
    if (isUnknown) void door.knock()
  }, [isUnknown, door])
  if (by === 'demo' || door.status.value !== 'open') return null
  return (
    <button type="button" class="button" onClick={onChoose}>
      {words.someoneElse}
    </button>
  )
}
