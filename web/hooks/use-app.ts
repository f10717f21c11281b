// What every page of a signed-in window shares.
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { ReadonlySignal } from '@preact/signals'
import type { Me } from '../../protocol/api.ts'
import type { Viewer } from '../format/times.ts'
import type { Messages } from '../messages/en.ts'
import type { Directory } from '../stores/directory.ts'
import type { Door } from '../stores/door.ts'
import type { Language } from '../stores/language.ts'
import type { Reading } from '../stores/reading.ts'
import type { By } from '../stores/seat.ts'
import type { SessionStore } from '../stores/session.ts'

export interface App {
  me: Me
  directory: Directory
  reading: Reading
  now: ReadonlySignal<number>
  by: By
  session: Pick<SessionStore, 'signOut' | 'stepAside'>
  door: Door
}

export const AppContext = createContext<App | null>(null)

export function useApp(): App {
  const app = useContext(AppContext)
  if (!app) throw new Error('useApp needs a signed-in window above it')
  return app
}

export const LanguageContext = createContext<ReadonlySignal<Language> | null>(null)

export function useLanguage(): Language {
  const spoken = useContext(LanguageContext)
  if (!spoken) throw new Error('useLanguage needs the app above it')
  return spoken.value
}

export const useWords = (): Messages => useLanguage().words

/** Whose clock and language times are written for. Reading it renders again each minute. */
export function useViewer(): Viewer {
  return {
    now: useApp().now.value,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    locale: useLanguage().tag,
  }
}
