import { describe, expect, test } from 'vitest'
import { chooseLanguage } from './choose.ts'
import { en } from './en.ts'
import { es } from './es.ts'

describe('the language of the app', () => {
  test.each<[string, string | null, string[], string, string]>([
    ['the person’s own comes first', 'es', ['en-GB'], 'es', 'es'],
    ['its region comes from the browser', 'es', ['en-GB', 'es-MX'], 'es', 'es-MX'],
    ['a region of the person’s own stays', 'en-GB', ['en-US'], 'en', 'en-GB'],
    ['at the door it is the browser’s', null, ['pl', 'es-ES'], 'es', 'es-ES'],
    ['a language that we do not speak falls to the next', 'pl', ['es'], 'es', 'es'],
    ['and at last to English', 'pl', ['pl'], 'en', 'en'],
  ])('%s', (_rule, own, browser, code, tag) => {
    expect(chooseLanguage(own, browser)).toEqual({ code, tag })
  })
})

/** Every text of a language, functions called with something that fits. */
function texts(words: object): string[] {
  return Object.values(words).flatMap((one: unknown) => {
    if (typeof one === 'function') return [String(one(1, 'x')), String(one(2, 'x'))]
    return typeof one === 'object' && one !== null ? texts(one) : [String(one)]
  })
}

describe.each([en, es])('[brand] words in $language', (words) => {
  const all = texts(words)

  test('nothing shouts', () => {
    expect(all.filter((one) => /[!¡]/.test(one))).toEqual([])
  })

  test('no text is empty or unfinished', () => {
    expect(all.filter((one) => one.trim() === '' || /undefined|TODO/.test(one))).toEqual([])
  })

  test('nobody is told that they have a new notification', () => {
    expect(
      all.filter((one) => /new notification for you|you have a new|tienes un/i.test(one)),
    ).toEqual([])
  })
})
