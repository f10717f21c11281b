import { expect, test } from 'vitest'
import { setScene } from '../../tests/client/scene.ts'
import { createFakePage, entry, LIVE } from '../../tests/package/fake-page.ts'
import { createNotificationCenter } from './center.ts'

function setUp() {
  const page = createFakePage()
  const { window } = setScene()
  const { inbox, connection } = page.shopbell
  const center = createNotificationCenter({ inbox, connection, hints: window })
  page.setConnection(LIVE)
  const arrive = (unseen: number) =>
    page.setInbox({
      notifications: [entry()],
      counts: { unread: unseen, unseen, action_required: 0 },
    })
  return { ...page, center, window, arrive }
}

test('opens, closes and toggles, and tells only when that changes something', () => {
  const { center } = setUp()
  const told: boolean[] = []
  const end = center.subscribe(({ isOpen }) => told.push(isOpen))
  center.close()
  center.open()
  center.open()
  center.toggle()
  end()
  center.toggle()
  expect([told, center.getState().isOpen]).toEqual([[true, false], true])
})

test('has the list and the counts of the inbox, and stays the same object until they change', () => {
  const { center, arrive } = setUp()
  const before = center.getState()
  expect(center.getState()).toBe(before)
  arrive(1)
  expect(center.getState()).toMatchObject({ isOpen: false, counts: { unread: 1 } })
  expect(center.getState().notifications).toHaveLength(1)
})

test('[IN3] what comes while it is closed is not seen, until it is opened', () => {
  const { center, said, arrive } = setUp()
  arrive(2)
  expect(said).toEqual([])
  center.open()
  expect([said, center.getState().counts.unseen]).toEqual([['markSeen'], 0])
})

test('[IN3] what comes while it is open is seen at once', () => {
  const { center, said, arrive } = setUp()
  center.open()
  arrive(1)
  arrive(1)
  center.close()
  arrive(1)
  expect(said).toEqual(['markSeen', 'markSeen'])
})

test('[IN3] on a page that nobody looks at nothing is seen, until somebody does', () => {
  const { center, said, arrive, window } = setUp()
  center.open()
  window.say('hidden')
  arrive(1)
  expect(said).toEqual([])
  window.say('visible')
  expect(said).toEqual(['markSeen'])
})

test('[IN3] without a connection it is said when there is one again', () => {
  const { center, said, arrive, setConnection } = setUp()
  setConnection({ name: 'offline' })
  center.open()
  arrive(1)
  expect(said).toEqual([])
  setConnection(LIVE)
  expect(said).toEqual(['markSeen'])
})

test('a count that does not fall is no reason to say it again and again', () => {
  const { shopbell, center, said, arrive, setInbox } = setUp()
  const stuck = { unread: 3, unseen: 3, action_required: 0 }
  shopbell.inbox.markSeen = () => {
    said.push('markSeen')
    setInbox({ counts: stuck })
    return true
  }
  center.open()
  arrive(3)
  setInbox({ hasMore: true })
  expect(said).toEqual(['markSeen'])
  arrive(4)
  expect(said).toEqual(['markSeen', 'markSeen'])
})
