// What every page of a signed-in window shares.
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { ReadonlySignal } from '@preact/signals'
import type { Me } from '../../protocol/api.ts'
import type { Viewer } from '../format/times.ts'
import { chooseLanguage } from '../messages/choose.ts'
import type { Messages } from '../messages/en.ts'
import type { Directory } from '../stores/directory.ts'
import type { DraftStore } from '../stores/draft.ts'
import type { Reading } from '../stores/reading.ts'

export interface App {
  me: Me
  directory: Directory
  reading: Reading
  draft: DraftStore
  now: ReadonlySignal<number>
  signOut: () => void
}

export const AppContext = createContext<App | null>(null)

export function useApp(): App {
  const app = useContext(AppContext)
  if (!app) throw new Error('useApp needs a signed-in window above it')
  return app
}

const languageOf = (app: App | null) => chooseLanguage(app?.me.locale ?? null, navigator.languages)

export function useWords(): Messages {
  return languageOf(useContext(AppContext)).words
}

/** Whose clock and language times are written for. Reading it renders again each minute. */
export function useViewer(): Viewer {
  const app = useApp()
  return {
    now: app.now.value,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    locale: languageOf(app).tag,
  }
}

export function useLanguageTag(): string {
  return languageOf(useContext(AppContext)).tag
}
