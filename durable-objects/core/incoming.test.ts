import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_FRAME_BYTES } from '../../protocol/limits.ts'
import { errorFrame, readText, type Incoming } from './incoming.ts'

const ID = '0193a6a0-0000-7000-8000-000000000001'
const kindOf = (one: Incoming) => (one.kind === 'frame' ? one.frame.type : one.code)

test.each<[string, string | ArrayBuffer, string[]]>([
  ['[WS9] an ack', '{"type":"ack","seq":4}', ['ack']],
  ['[WS9] a state', '{"type":"state","visible":false}', ['state']],
  ['[WS9] a read', `{"type":"read","notification_ids":["${ID}"]}`, ['read']],
  ['[WS9] a seen', '{"type":"seen","up_to":{"user:ana":4}}', ['seen']],
  ['[WS11] a token', '{"type":"auth","token":"x"}', ['auth']],
  [
    '[WS3] an array, in order',
    '[{"type":"ack","seq":4},{"type":"nope"},{"type":"state","visible":true}]',
    ['ack', 'bad_frame', 'state'],
  ],
  ['[WS9] a field that is not known is ignored', '{"type":"ack","seq":4,"by":"ben"}', ['ack']],
  ['[CO8] a frame of a later part', '{"type":"typing","channel_id":"c"}', ['not_available']],
  ['[WS9] binary', new ArrayBuffer(2), ['bad_frame']],
  ['[WS9] not JSON', '{"type":', ['bad_frame']],
  ['[WS9] an empty text', '', ['bad_frame']],
  ['[WS5] a ping that is not exact', 'ping ', ['bad_frame']],
  ['[WS9] a word', '"ack"', ['bad_frame']],
  ['[WS9] null', 'null', ['bad_frame']],
  ['[WS9] an empty array', '[]', ['bad_frame']],
  ['[WS9] an array in an array', '[[{"type":"ack","seq":4}]]', ['bad_frame']],
  ['[WS9] a frame without a type', '{"seq":4}', ['bad_frame']],
  ['[WS9] a type that is not known', '{"type":"welcome"}', ['bad_frame']],
  ['[WS9] a type from the object’s prototype', '{"type":"constructor"}', ['bad_frame']],
  ['[WS9] a seq below 0', '{"type":"ack","seq":-1}', ['bad_frame']],
  ['[WS9] half a seq', '{"type":"ack","seq":1.5}', ['bad_frame']],
  ['[WS9] a seq that is text', '{"type":"ack","seq":"4"}', ['bad_frame']],
  ['[WS9] an id that is none', '{"type":"read","notification_ids":["x"]}', ['bad_frame']],
  ['[WS9] no ids', '{"type":"read","notification_ids":[]}', ['bad_frame']],
  ['[WS9] a stream that is none', '{"type":"seen","up_to":{"ana":4}}', ['bad_frame']],
])('%s', (_rule, text, expected) => {
  expect(readText(text).map(kindOf)).toEqual(expected)
})

describe('a refusal', () => {
  test('[WS9] names the frame’s id and what was wrong', () => {
    expect(readText('{"type":"ack","id":"7","seq":-1}')).toMatchObject([
      { kind: 'refused', code: 'bad_frame', re: '7', message: expect.stringContaining('seq: ') },
    ])
    expect(readText('{"type":"typing","id":"8"}')).toMatchObject([{ re: '8' }])
  })

  test('[WS9] an id that is no text is not repeated', () => {
    const [refused] = readText('{"type":"ack","id":{"a":1},"seq":4}')
    expect(refused).toMatchObject({ code: 'bad_frame' })
    expect(refused).not.toHaveProperty('re')
  })

  test.each<[string, string, boolean]>([
    ['[WS9] 64 KiB are read', 'x'.repeat(MAX_FRAME_BYTES - 2), true],
    ['[WS9] a byte more is not', 'x'.repeat(MAX_FRAME_BYTES - 1), false],
    ['[WS9] bytes count, not characters', '🎉'.repeat(MAX_FRAME_BYTES / 4), false],
    ['[WS9] and fewer bytes are read', '🎉'.repeat(MAX_FRAME_BYTES / 4 - 1), true],
  ])('%s', (_rule, text, isRead) => {
    expect(readText(`"${text}"`).map(kindOf)).toEqual([isRead ? 'bad_frame' : 'too_large'])
  })

  test('[CO3] goes out with the table’s word on whether to come again', () => {
    expect(errorFrame('rate_limited', 'slower', { re: '1', retry_after_ms: 50 })).toEqual({
      type: 'error',
      code: 'rate_limited',
      message: 'slower',
      temporary: true,
      re: '1',
      retry_after_ms: 50,
    })
    expect(errorFrame('bad_frame', 'no')).toEqual({
      type: 'error',
      code: 'bad_frame',
      message: 'no',
      temporary: false,
    })
  })

  test('[WS9] whatever comes, it is read without an exception, one answer for each frame', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((one) => `[${one},${one}]`),
    )
    fc.assert(
      fc.property(anything, (text) => {
        const read = readText(text)
        expect(read.length).toBeGreaterThan(0)
        for (const one of read) expect(['frame', 'refused']).toContain(one.kind)
      }),
    )
  })
})
