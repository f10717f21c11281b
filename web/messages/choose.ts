// Which language the app speaks, and how times are written in it. A language is one file and one
// request; English is always there, because something must be said when no request gets through.
import { en, type Messages } from './en.ts'

const LANGUAGES = {
  en: async (): Promise<Messages> => en,
  es: async (): Promise<Messages> => (await import('./es.ts')).es,
}
export type LanguageCode = keyof typeof LANGUAGES

export interface Choice {
  code: LanguageCode
  /** The tag for `<html lang>` and for Intl: the words' language, with the person's region if known. */
  tag: string
}

const base = (tag: string) => tag.split('-', 1)[0] ?? tag
const isSpoken = (code: string): code is LanguageCode => Object.hasOwn(LANGUAGES, code)

export const loadWords = (code: LanguageCode) => LANGUAGES[code]()

/**
 * The person's own language if we speak it, else the first of the browser's that we speak, else
 * English. "es" of a person becomes "es-MX" where the browser says so: same words, its own dates.
 */
export function chooseLanguage(own: string | null, browser: readonly string[]): Choice {
  const wanted = [...(own === null ? [] : [own]), ...browser]
  const spoken = wanted.find((tag) => isSpoken(base(tag))) ?? 'en'
  const code = base(spoken)
  const regional = browser.find((tag) => base(tag) === code && tag !== code)
  return {
    code: isSpoken(code) ? code : 'en',
    tag: spoken === code ? (regional ?? spoken) : spoken,
  }
}
