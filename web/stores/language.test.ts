import { expect, test } from 'vitest'
import type { LanguageCode } from '../messages/choose.ts'
import { en } from '../messages/en.ts'
import { LanguageModel } from './language.ts'

test('a person’s language comes with the person', async () => {
  const language = new LanguageModel(['en-GB'])
  await language.speak(null)
  expect(language.spoken.value.tag).toBe('en-GB')
  await language.speak('es')
  expect(language.spoken.value).toMatchObject({ tag: 'es', words: { language: 'Español' } })
})

test('words that cannot be loaded leave those on the screen', async () => {
  const language = new LanguageModel(['en'], async () => {
    throw new TypeError('Failed to fetch dynamically imported module')
  })
  await language.speak('es')
  expect(language.spoken.value).toEqual({ words: en, tag: 'en' })
})

test('who signs in while other words are on their way gets their own', async () => {
  const { promise, resolve } = Promise.withResolvers<typeof en>()
  const language = new LanguageModel(['en'], async (code: LanguageCode) =>
    code === 'es' ? promise : en,
  )
  const late = language.speak('es')
  await language.speak('en')
  resolve({ ...en, language: 'late' })
  await late
  expect(language.spoken.value.words.language).toBe('English')
})
