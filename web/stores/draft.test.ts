import { describe, expect, test } from 'vitest'
import { ShopbellError } from '../../client/errors.ts'
import type { SendInput, SendOptions } from '../../client/types.ts'
import type { SendAnswer } from '../../protocol/api.ts'
import { EMPTY_DRAFT, missingIn, toSend, type Draft } from './draft-send.ts'
import { DraftModel } from './draft.ts'

const answer: SendAnswer = { id: 'x', stream: 's', seq: 1, archived: true, status: 'sent' }
const draft = (part: Partial<Draft>): Draft => ({ ...EMPTY_DRAFT, shopId: 'downtown', ...part })

/** An API that answers from a list, in order, and keeps what it was asked. */
function open(answers: (SendAnswer | ShopbellError)[]) {
  const asked: { send: SendInput; key: string | undefined }[] = []
  let keys = 0
  const api = {
    async send(send: SendInput, options?: SendOptions) {
      asked.push({ send, key: options?.idempotencyKey })
      const next = answers.shift()
      if (!next || next instanceof ShopbellError) throw next ?? new Error('asked too often')
      return next
    },
  }
  return { asked, form: new DraftModel(api, () => `key-${++keys}`) }
}

describe('what a draft says on the wire', () => {
  test('empty texts are left out, so the hub writes them in the reader’s language', () => {
    const send = toSend(draft({ kind: 'team.schedule_change', effectiveFrom: '2026-12-01' }))
    expect(send).toEqual({
      to: { location_id: 'downtown' },
      type: 'team.schedule_change',
      data: { effective_from: '2026-12-01' },
    })
  })

  test('roles narrow a shop, never a person', () => {
    expect(toSend(draft({ roles: 'staff' })).to).toEqual({
      location_id: 'downtown',
      roles: ['staff'],
    })
    const person = draft({ target: 'person', personId: 'ben', roles: 'staff' })
    expect(toSend(person).to).toEqual({ user_id: 'ben' })
  })

  test.each<[string, Partial<Draft>, string[]]>([
    ['an announcement needs its message', {}, ['message']],
    ['a note needs its title', { kind: 'custom' }, ['title']],
    ['spaces are not a message', { message: '  ' }, ['message']],
    ['a schedule change needs its day', { kind: 'team.schedule_change' }, ['effectiveFrom']],
    ['a person has to be chosen', { target: 'person', message: 'Hi' }, ['personId']],
    ['nothing is missing', { message: 'Back at four' }, []],
  ])('%s', (_rule, part, missing) => {
    expect(missingIn(draft(part))).toEqual(missing)
  })
})

describe('[CO5] sending', () => {
  test('says to whom, and empties the words but not the shop', async () => {
    const { form } = open([answer])
    form.change({ shopId: 'downtown', message: 'Back at four' })
    await form.send('Downtown')
    expect(form.state.value).toEqual({ name: 'sent', to: 'Downtown' })
    expect(form.draft.value).toMatchObject({ shopId: 'downtown', message: '' })
  })

  test('a try without an answer is repeated with the same key; other words get another', async () => {
    const { form, asked } = open([
      new ShopbellError('network'),
      new ShopbellError('network'),
      answer,
    ])
    form.change({ shopId: 'downtown', message: 'Back at four' })
    await form.send('Downtown')
    expect(form.state.value).toEqual({ name: 'failed' })
    await form.send('Downtown')
    form.change({ message: 'Back at five' })
    await form.send('Downtown')
    expect(asked.map((one) => one.key)).toEqual(['key-1', 'key-1', 'key-2'])
  })

  test('the same words sent again after success are a second notification', async () => {
    const { form, asked } = open([answer, answer])
    for (let round = 0; round < 2; round++) {
      form.change({ shopId: 'downtown', message: 'Tea is ready' })
      await form.send('Downtown')
    }
    expect(asked.map((one) => one.key)).toEqual(['key-1', 'key-2'])
  })

  test('[CO3] field errors stand at their fields and go when the field is changed', async () => {
    const fields = [{ pointer: '/message', message: 'is too long' }]
    const { form } = open([new ShopbellError('invalid', { status: 422, fields })])
    form.change({ shopId: 'downtown', message: 'x' })
    await form.send('Downtown')
    expect(form.state.value).toEqual({
      name: 'fix',
      fields: { message: { kind: 'refused', message: 'is too long' } },
    })
    form.change({ message: 'y' })
    expect(form.state.value).toEqual({ name: 'writing' })
  })

  test.each([
    ['not allowed', new ShopbellError('forbidden', { status: 403 }), { name: 'forbidden' }],
    [
      'an unknown shop is the shop field’s error',
      new ShopbellError('unknown_recipient', { status: 422, detail: 'No such location' }),
      { name: 'fix', fields: { shopId: { kind: 'refused', message: 'No such location' } } },
    ],
    [
      'what the form has no field for is said in words',
      new ShopbellError('too_large', { status: 413, detail: 'Too large' }),
      { name: 'refused', why: 'Too large' },
    ],
    [
      'a server in trouble may be tried again',
      new ShopbellError('unavailable'),
      { name: 'failed' },
    ],
  ])('%s', async (_rule, error, state) => {
    const { form } = open([error])
    form.change({ shopId: 'nowhere', message: 'Hello' })
    await form.send('Nowhere')
    expect(form.state.value).toEqual(state)
  })

  test('what is missing is asked for without asking the server', async () => {
    const { form, asked } = open([])
    form.change({ shopId: 'downtown' })
    await form.send('Downtown')
    expect(form.state.value).toEqual({ name: 'fix', fields: { message: { kind: 'missing' } } })
    expect(asked).toEqual([])
  })
})
