// The app as a table of contents: who is signed in decides what is on the screen.
import { useModel, type ReadonlySignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { LocationProvider } from 'preact-iso'
import { ShopbellProvider, signalsOf } from '../client/preact.ts'
import type { Shopbell } from '../client/types.ts'
import type { Me } from '../protocol/api.ts'
import { Shell } from './components/shell.tsx'
import { AppContext, useLanguageTag, useWords } from './hooks/use-app.ts'
import { SignInPage } from './pages/sign-in-page.tsx'
import { DirectoryModel } from './stores/directory.ts'
import type { Door } from './stores/door.ts'
import { DraftModel } from './stores/draft.ts'
import { ReadingModel } from './stores/reading.ts'
import { shopsToKnow } from './stores/rights.ts'
import type { SessionStore } from './stores/session.ts'

interface Props {
  session: SessionStore
  door: Door
  now: ReadonlySignal<number>
}

export function App({ session, door, now }: Props) {
  const state = session.state.value
  if (state.name !== 'signed_in') {
    return (
      <>
        <PageLanguage />
        <SignInPage session={session} door={door} />
      </>
    )
  }
  return <SignedIn key={state.me.id} {...state} session={session} now={now} />
}

interface SignedInProps extends Pick<Props, 'session' | 'now'> {
  me: Me
  shopbell: Shopbell
}

function SignedIn({ me, shopbell, session, now }: SignedInProps) {
  const directory = useModel(() => new DirectoryModel(shopbell.api))
  const reading = useModel(() => new ReadingModel(signalsOf(shopbell).inbox))
  const draft = useModel(() => new DraftModel(shopbell.api))
  useEffect(() => directory.learn(shopsToKnow(me)), [directory, me])
  const app = useMemo(
    () => ({ me, directory, reading, draft, now, signOut: () => session.signOut() }),
    [me, directory, reading, draft, now, session],
  )
  return (
    <AppContext.Provider value={app}>
      <ShopbellProvider shopbell={shopbell}>
        <PageLanguage />
        <LocationProvider>
          <Shell />
        </LocationProvider>
      </ShopbellProvider>
    </AppContext.Provider>
  )
}

/** A screen reader speaks the language that the page says it has. */
function PageLanguage() {
  const tag = useLanguageTag()
  const { app } = useWords()
  useEffect(() => {
    document.documentElement.lang = tag
    return () => {
      document.title = app
    }
  }, [tag, app])
  return null
}
