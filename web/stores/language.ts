// The words on the screen. They change when somebody signs in who speaks another language.
import { createModel, signal } from '@preact/signals'
import { chooseLanguage, loadWords } from '../messages/choose.ts'
import { en, type Messages } from '../messages/en.ts'

export interface Language {
  words: Messages
  tag: string
}

export const LanguageModel = createModel((browser: readonly string[], load = loadWords) => {
  const spoken = signal<Language>({ words: en, tag: 'en' })
  let wanted = ''
  return {
    spoken,
    /** `own`: what the person has chosen; null while nobody is signed in. */
    async speak(own: string | null) {
      const { code, tag } = chooseLanguage(own, browser)
      wanted = tag
      try {
        const words = await load(code)
        if (wanted === tag) spoken.value = { words, tag }
      } catch (error) {
        // No network, no new words: those on the screen stay. The next sign-in or load asks again.
        if (!(error instanceof TypeError)) throw error
      }
    },
  }
})
export type LanguageStore = InstanceType<typeof LanguageModel>
