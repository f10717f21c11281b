import { expect, test } from 'vitest'
import { notificationPath, routeOf, type Route } from './routes.ts'

const ID = '01939f3e-8a5b-7c1d-9e2f-3a4b5c6d7e8f'

test.each<[string, string, Route]>([
  ['the door is the inbox', '/', { page: 'inbox', open: null }],
  ['a notification opens over the inbox', notificationPath(ID), { page: 'inbox', open: ID }],
  ['a broken id is the inbox', '/n/../../etc', { page: 'inbox', open: null }],
  ['an unknown path is the inbox, never blank', '/nowhere', { page: 'inbox', open: null }],
  ['the send form', '/send', { page: 'send' }],
  ['me', '/me', { page: 'me' }],
])('%s', (_rule, path, route) => {
  expect(routeOf(path)).toEqual(route)
})
