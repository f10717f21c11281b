import { afterEach, expect, test, vi } from 'vitest'
import { countLives, evict, locationHub, look, userHub } from './helpers/hubs.ts'
import { openShop } from './helpers/shop.ts'
import { openSocket } from './helpers/socket.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

test('[WS5] a ping is answered and wakes nobody', async () => {
  const { staff, location } = await openShop()
  const own = await openSocket({ token: staff.token })
  const room = await openSocket({ token: staff.token, location })
  await Promise.all([
    evict(userHub(staff.id), 'hibernate'),
    evict(locationHub(location), 'hibernate'),
  ])
  const counter = countLives()
  for (let index = 0; index < 3; index += 1) await Promise.all([own.ping(), room.ping()])
  expect(counter.lives).toBe(0)
  await Promise.all([own.settled(), room.settled()])
  expect(counter.lives).toBe(2)
  expect(await look(userHub(staff.id), (_, state) => state.getWebSockets().length)).toBe(1)
})
