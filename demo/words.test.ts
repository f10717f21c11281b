import { expect, test } from 'vitest'
import { wordsOf } from './words.ts'

const guest = (name: string | null) => ({ email: 'x@example.net', name, declined: false })

test.each([
  ['Skin fade - Zoë Martin', 'Zoë Martin', 'Skin fade'],
  ['Skin fade – Zoë', 'Zoë', 'Skin fade'],
  ['Zoë: skin fade', 'Zoë', 'skin fade'],
  ['Skin fade with Zoë', 'Zoë', 'Skin fade'],
  ['Corte de pelo para Zoë', 'Zoë', 'Corte de pelo'],
  ['Skin fade (Zoë Martin)', 'Zoë Martin', 'Skin fade'],
  ['Blow-dry', 'A client', 'Blow-dry'],
  ['10:30', 'A client', '10:30'],
  ['', 'A client', 'appointment'],
  ['  \n ', 'A client', 'appointment'],
])('[NO2] "%s" is %s, %s', (summary, client, service) => {
  expect(wordsOf(summary, [])).toEqual({ client, service })
})

test.each([
  ['Skin fade', 'Zoë Martin', 'Skin fade'],
  ['Skin fade - Zoë Martin', 'Zoë Martin', 'Skin fade'],
  ['zoë martin: skin fade', 'Zoë Martin', 'skin fade'],
  ['Skin fade with Zoë Martin', 'Zoë Martin', 'Skin fade'],
  ['Skin fade - Zoë', 'Zoë Martin', 'Skin fade'],
  ['Wash - dry', 'Zoë Martin', 'Wash - dry'],
  ['Zoë Martin', 'Zoë Martin', 'appointment'],
])('[NO2] "%s" with the guest %s is for %s', (summary, name, service) => {
  expect(wordsOf(summary, [guest(name)])).toEqual({ client: name, service })
})

test('[NO2] a guest without a name is not a client with an address', () => {
  expect(wordsOf('Skin fade', [guest(null), guest('zoe@example.net')]).client).toBe('A client')
})
