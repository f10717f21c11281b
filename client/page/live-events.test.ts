import { expect, test } from 'vitest'
import { createFakePage, LIVE } from '../../tests/package/fake-page.ts'
import type { EventType } from '../../protocol/events.ts'
import { onEvent } from './live-events.ts'

function setUp() {
  const page = createFakePage()
  const heard: string[] = []
  const listen = (type: EventType, name: string) =>
    onEvent(page.shopbell, type, ({ what }) => heard.push(`${name} ${String(what)}`))
  const happen = (event_type: string, what: string) =>
    page.hear({ type: 'event', event_type, data: { what } })
  return { ...page, heard, listen, happen }
}

test('[NO7] the socket is asked when there is one, and each new one anew', () => {
  const { setConnection, said, listen } = setUp()
  listen('team_updates', 'a')
  expect(said).toEqual([])
  setConnection(LIVE)
  setConnection({ ...LIVE })
  setConnection({ name: 'waiting', attempt: 1, retryAt: 0 })
  setConnection({ ...LIVE, connectionId: 'd' })
  expect(said).toEqual(['send subscribe', 'send subscribe'])
})

test('[NO7] each hears its own type, until it is stopped', () => {
  const { setConnection, heard, listen, happen } = setUp()
  setConnection(LIVE)
  const stop = listen('team_updates', 'a')
  listen('x_queue', 'b')
  happen('team_updates', '1')
  happen('x_queue', '2')
  stop()
  happen('team_updates', '3')
  expect(heard).toEqual(['a 1', 'b 2'])
})

test('the socket is told of the end when the last one stops, and once', () => {
  const { setConnection, said, listen } = setUp()
  setConnection(LIVE)
  const first = listen('team_updates', 'a')
  const second = listen('team_updates', 'b')
  first()
  first()
  expect(said.filter((one) => one === 'send unsubscribe')).toEqual([])
  second()
  expect(said.filter((one) => one === 'send unsubscribe')).toHaveLength(1)
})
