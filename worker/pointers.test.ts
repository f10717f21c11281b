import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { Send } from '../protocol/notification.ts'
import { fieldErrors } from './pointers.ts'

const errorsOf = (schema: v.GenericSchema, value: unknown) => {
  const result = v.safeParse(schema, value)
  return result.success ? [] : fieldErrors(result.issues)
}

const booked = { to: { user_id: 'ben' }, type: 'appointment.booked' }

describe('fieldErrors', () => {
  test.each([
    ['/to/user_id', { ...booked, to: { user_id: 'b en' } }, /1 to 64/],
    ['/type', { ...booked, type: 'appointment.lost' }, /is not a type/],
    ['/data/client_name', { ...booked, data: { appointment_id: '1' } }, /^is required for/],
    ['/colour', { type: 'custom', to: { user_id: 'ben' }, title: 'x', colour: 1 }, /known field/],
    ['/title', { type: 'custom', to: { user_id: 'ben' }, title: 7 }, /^must be string$/],
    ['/title', { type: 'custom', to: { user_id: 'ben' }, title: 'x'.repeat(201) }, /at most 200/],
    ['/to', { type: 'custom', title: 'x' }, /^is required$/],
    ['/to', { type: 'custom', title: 'x', to: {} }, /exactly one/],
    [
      '/actions/1/id',
      { ...booked, actions: [{ id: 'a', label: 'A' }, { label: 'B' }] },
      /required/,
    ],
  ])('[CO3] %s', (pointer, value, message) => {
    expect(errorsOf(Send, value)).toContainEqual({
      pointer,
      message: expect.stringMatching(message),
    })
  })

  test('[CO3] keys with a slash or a tilde are escaped', () => {
    const schema = v.strictObject({})
    expect(errorsOf(schema, { 'a/b~c': 1 })[0]?.pointer).toBe('/a~1b~0c')
  })

  test('[CO3] what is wrong as a whole has the empty pointer', () => {
    expect(errorsOf(Send, 'hello')[0]).toEqual({ pointer: '', message: 'must be Object' })
  })

  test('[CO3] a value that came in is not repeated', () => {
    const schema = v.strictObject({ grant: v.picklist(['a', 'b']), size: v.number() })
    const told = JSON.stringify(errorsOf(schema, { grant: 'a-secret', size: 'a-secret' }))
    expect(told).not.toContain('a-secret')
  })

  test('[CO3] of very many wrong fields the first ones are named', () => {
    const wrong = Array.from({ length: 500 }, () => 'x')
    expect(errorsOf(v.array(v.number()), wrong)).toHaveLength(20)
  })
})
