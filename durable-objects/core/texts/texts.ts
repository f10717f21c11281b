// [NO2] The texts that a sender did not give, written from the data in the reader's language.
import type { NotificationType } from '../../../protocol/notification-types.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import type { Text, Texts } from './language.ts'
import type { Write } from './write.ts'
import { writer } from './write.ts'

/** Who reads: a language tag, and the IANA zone in which times are written (null: UTC, and it says so). */
export interface Reader {
  locale: string
  zone: string | null
}

const LANGUAGES: Record<string, Texts> = { en, es }
const FALLBACK = 'en'

/** Writes title and message of a type from its checked data. A locale we do not speak gets English. */
export function writeText(
  type: NotificationType,
  data: Record<string, unknown>,
  reader: Reader,
): Text {
  const { texts, write } = voiceOf(reader)
  // The data was checked against the type's schema when it came in; the table's types say so per
  // row, which TypeScript cannot follow through a lookup by a union.
  const sentence = texts[type] as (data: Record<string, unknown>, write: Write) => Text
  return sentence(data, write)
}

interface Voice {
  texts: Texts
  write: Write
}

// A formatter costs more to make than all the texts of a fan-out. Locales and zones come from
// outside, so the memory is bounded: when it is full it starts anew.
const MAX_VOICES = 64
const voices = new Map<string, Voice>()

function voiceOf({ locale, zone }: Reader): Voice {
  const key = `${locale} ${zone ?? ''}`
  const known = voices.get(key)
  if (known) return known
  const language = locale.split('-', 1)[0]?.toLowerCase() ?? ''
  const spoken = Object.hasOwn(LANGUAGES, language)
  const voice = {
    texts: LANGUAGES[spoken ? language : FALLBACK] ?? en,
    // Figures follow the words: a French reader of an English text gets English figures.
    write: writer(spoken ? locale : FALLBACK, zone),
  }
  if (voices.size >= MAX_VOICES) voices.clear()
  voices.set(key, voice)
  return voice
}
