// Which language the app speaks, and how times are written in it.
import { en, type Messages } from './en.ts'
import { es } from './es.ts'

export interface Language {
  words: Messages
  /** The tag for `<html lang>` and for Intl: the words' language, with the person's region if known. */
  tag: string
}

const WORDS: Record<string, Messages> = { en, es }

const base = (tag: string) => tag.split('-', 1)[0] ?? tag

/**
 * The person's own language if we speak it, else the first of the browser's that we speak, else
 * English. "es" of a person becomes "es-MX" where the browser says so: same words, its own dates.
 */
export function chooseLanguage(own: string | null, browser: readonly string[]): Language {
  const wanted = [...(own === null ? [] : [own]), ...browser]
  const spoken = wanted.find((tag) => Object.hasOwn(WORDS, base(tag))) ?? 'en'
  const regional = browser.find((tag) => base(tag) === base(spoken) && tag !== base(spoken))
  const tag = spoken === base(spoken) ? (regional ?? spoken) : spoken
  return { words: WORDS[base(spoken)] ?? en, tag }
}
