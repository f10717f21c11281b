// The app as a table of contents: who is signed in decides what is on the screen.
import { useModel, type ReadonlySignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { LocationProvider } from 'preact-iso'
import { ShopbellProvider, signalsOf } from '../client/preact.ts'
import type { Shopbell } from '../client/types.ts'
import type { Me } from '../protocol/api.ts'
import { Shell } from './components/shell.tsx'
import { AppContext, LanguageContext, useLanguage } from './hooks/use-app.ts'
import { ArrivingPage } from './pages/arriving-page.tsx'
import { SignInPage } from './pages/sign-in-page.tsx'
import { DirectoryModel } from './stores/directory.ts'
import type { Door } from './stores/door.ts'
import type { LanguageStore } from './stores/language.ts'
import { ReadingModel } from './stores/reading.ts'
import { shopsToKnow } from './stores/rights.ts'
import type { By } from './stores/seat.ts'
import type { SessionStore } from './stores/session.ts'

interface Props {
  session: SessionStore
  door: Door
  language: LanguageStore
  now: ReadonlySignal<number>
}

export function App({ session, door, language, now }: Props) {
  const state = session.state.value
  const own = state.name === 'signed_in' ? state.me.locale : null
  useEffect(() => void language.speak(own), [language, own])
  return (
    <LanguageContext.Provider value={language.spoken}>
      <PageLanguage />
      {state.name === 'signed_in' && (
        <SignedIn key={state.me.id} {...state} session={session} door={door} now={now} />
      )}
      {state.name === 'arriving' && <ArrivingPage />}
      {(state.name === 'signed_out' || state.name === 'signing_in') && (
        <SignInPage session={session} door={door} />
      )}
    </LanguageContext.Provider>
  )
}

interface SignedInProps extends Pick<Props, 'session' | 'door' | 'now'> {
  me: Me
  shopbell: Shopbell
  by: By
}

function SignedIn({ me, shopbell, by, session, door, now }: SignedInProps) {
  const directory = useModel(() => new DirectoryModel(shopbell.api))
  const reading = useModel(() => new ReadingModel(signalsOf(shopbell).inbox))
  useEffect(() => directory.learn(shopsToKnow(me)), [directory, me])
  const app = useMemo(
    () => ({ me, by, directory, reading, now, session, door }),
    [me, by, directory, reading, now, session, door],
  )
  return (
    <AppContext.Provider value={app}>
      <ShopbellProvider shopbell={shopbell}>
        <LocationProvider>
          <Shell />
        </LocationProvider>
      </ShopbellProvider>
    </AppContext.Provider>
  )
}

/** A screen reader speaks the language that the page says it has. */
function PageLanguage() {
  const { tag } = useLanguage()
  useEffect(() => {
    document.documentElement.lang = tag
  }, [tag])
  return null
}
