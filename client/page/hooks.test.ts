// @vitest-environment happy-dom
// One component, written once and run in both frameworks: the hooks answer the same, and render as often.
import * as preact from 'preact'
import * as react from 'react'
import { act as preactAct } from 'preact/test-utils'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest'
import { createFakePage, entry, frameOf, LIVE } from '../../tests/package/fake-page.ts'
import * as preactHooks from '../preact.ts'
import * as reactHooks from '../react.ts'
import type { Shopbell } from '../types.ts'

type Hooks = Pick<
  typeof reactHooks,
  'useNotificationCenter' | 'useNotifications' | 'useShopbell' | 'useWebSocket'
>
/** What a component is on the screen: a text. */
type Component = (hooks: Hooks) => string

interface Framework {
  hooks: Hooks
  mount(component: Component, shopbell: Shopbell | null): () => void
  act(change: () => void): Promise<void>
}

const withPreact: Framework = {
  hooks: preactHooks,
  mount(component, shopbell) {
    const Tested = () => preact.h('p', null, component(preactHooks))
    const tree = shopbell
      ? preact.h(preactHooks.ShopbellProvider, { shopbell }, preact.h(Tested, null))
      : preact.h(Tested, null)
    preact.render(tree, document.body)
    return () => preact.render(null, document.body)
  },
  act: async (change) => preactAct(async () => change()),
}

const withReact: Framework = {
  hooks: reactHooks,
  mount(component, shopbell) {
    const Tested = () => react.createElement('p', null, component(reactHooks))
    const tested = react.createElement(Tested)
    const root = createRoot(document.body)
    flushSync(() =>
      root.render(
        shopbell ? react.createElement(reactHooks.ShopbellProvider, { shopbell }, tested) : tested,
      ),
    )
    return () => root.unmount()
  },
  act: async (change) => flushSync(change),
}

let unmount = () => {}
afterEach(() => unmount())

describe.each<[string, Framework]>([
  ['preact', withPreact],
  ['react', withReact],
])('the hooks of %s', (_name, framework) => {
  const { act, hooks } = framework
  const page = () => document.body.textContent

  function show(component: Component) {
    const fake = createFakePage()
    let renders = 0
    unmount = framework.mount((given) => {
      renders += 1
      return component(given)
    }, fake.shopbell)
    return { ...fake, renders: () => renders }
  }

  test('show the inbox, and follow it', async () => {
    const { setInbox } = show(({ useNotifications }) => {
      const { notifications, counts, isLoading, status, hasMore, error } = useNotifications()
      const titles = notifications.map(({ title }) => title).join()
      return [titles, counts.unread, isLoading, status, hasMore, error].join(' ')
    })
    expect(page()).toBe(' 0 true loading false ')
    const notifications = [entry({ title: 'A' }), entry({ title: 'B' })]
    const counts = { unread: 2, unseen: 2, action_required: 0 }
    await act(() => setInbox({ status: 'ready', notifications, counts, hasMore: true }))
    expect(page()).toBe('A,B 2 false ready true ')
    await act(() => setInbox({ isLoadingMore: true }))
    expect(page()).toBe('A,B 2 true ready true ')
  })

  test('show the connection and what came last', async () => {
    const { setConnection, hear } = show(({ useWebSocket }) => {
      const { isConnected, connectionStatus, connection, lastMessage } = useWebSocket()
      return [isConnected, connectionStatus, connection.name, lastMessage?.type].join(' ')
    })
    expect(page()).toBe('false idle idle ')
    await act(() => setConnection(LIVE))
    await act(() => hear({ type: 'ok', re: '1' }, frameOf(entry())))
    expect(page()).toBe('true live live notification')
  })

  test('open and close the one notification centre', async () => {
    let toggle = () => {}
    const { shopbell } = show(({ useNotificationCenter }) => {
      const center = useNotificationCenter()
      toggle = center.toggle
      return `${center.isOpen} ${center.counts.unread} ${center.notifications.length}`
    })
    await act(toggle)
    expect(page()).toBe('true 0 0')
    unmount()
    unmount = framework.mount((given) => String(given.useNotificationCenter().isOpen), shopbell)
    expect(page()).toBe('true')
  })

  test('render again only for what was read', async () => {
    const { setConnection, setInbox, hear, renders } = show(
      ({ useWebSocket, useNotifications }) => {
        const { isConnected } = useWebSocket()
        useNotifications()
        return String(isConnected)
      },
    )
    await act(() => hear(frameOf(entry())))
    await act(() => setInbox({ status: 'ready' }))
    expect(renders()).toBe(1)
    await act(() => setConnection(LIVE))
    expect([renders(), page()]).toEqual([2, 'true'])
  })

  test('answer verbs that are the same at each render, and do what they say', async () => {
    const seen: unknown[][] = []
    const { said, setConnection } = show(({ useWebSocket, useNotifications }) => {
      const { isConnected, sendMessage, reconnect } = useWebSocket()
      const { markRead, markAllRead, archive, remove, loadMore, subscribe } = useNotifications()
      seen.push([
        sendMessage,
        reconnect,
        markRead,
        markAllRead,
        archive,
        remove,
        loadMore,
        subscribe,
      ])
      return String(isConnected)
    })
    await act(() => setConnection(LIVE))
    expect(seen).toHaveLength(2)
    expect(seen[1]?.every((verb, place) => verb === seen[0]?.[place])).toBe(true)
    const [sendMessage, reconnect, markRead, markAllRead] = seen[0] as ((given?: unknown) => void)[]
    sendMessage?.({ type: 'ack', seq: 1 })
    reconnect?.()
    markRead?.('n-1')
    markAllRead?.({ category: 'team' })
    expect(said).toEqual([
      'send ack',
      'restart',
      'markRead "n-1"',
      'markAllRead {"category":"team"}',
    ])
  })

  test('hand out what arrives by type', () => {
    const heard: string[] = []
    const { hear } = show(({ useNotifications }) => {
      useNotifications().subscribe('custom', ({ title }) => heard.push(title))
      return ''
    })
    hear(frameOf(entry({ title: 'A' })))
    expect(heard).toEqual(['A'])
  })

  test('say what is missing when there is no provider', () => {
    const errors: unknown[] = []
    unmount = framework.mount(() => {
      try {
        hooks.useShopbell()
      } catch (error) {
        errors.push(String(error))
      }
      return ''
    }, null)
    expect(errors).toContain('Error: useShopbell needs a ShopbellProvider above it')
  })
})

test('both have the same names, but for the signals of Preact', () => {
  const { signalsOf: _signals, ...shared } = preactHooks
  expect(Object.keys(reactHooks)).toEqual(Object.keys(shared))
  expectTypeOf(reactHooks.useNotifications).toEqualTypeOf(preactHooks.useNotifications)
  expectTypeOf(reactHooks.useWebSocket).toEqualTypeOf(preactHooks.useWebSocket)
})
