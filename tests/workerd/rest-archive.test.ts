import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test } from 'vitest'
import type { SendAnswer } from '../../protocol/api.ts'
import { call } from './helpers/api.ts'
import { setFaults } from './helpers/faults.ts'
import { openShop } from './helpers/shop.ts'
import { openSocket } from './helpers/socket.ts'
import { serviceToken } from './helpers/tokens.ts'

afterEach(async () => {
  await setFaults()
})

const announced = { type: 'team.announcement', message: 'Closed on Monday.' }
const send = async (body: unknown) =>
  call<SendAnswer>('POST /api/v1/notifications', { token: await serviceToken(), body })

describe('while D1 is down', () => {
  test('[AR4] sends are accepted and delivered; what reads D1 says 503 and when to come back', async () => {
    const { staff } = await openShop()
    const socket = await openSocket({ token: staff.token })
    await setFaults({ d1: { down: true } })
    const { status, body } = await send({ ...announced, to: { user_id: staff.id } })
    expect({ status, body }).toMatchObject({ status: 202, body: { archived: false } })
    expect((await socket.frame('notification')).data.id).toBe(body.id)
    for (const path of ['', '/unread', '/unread/count', `/${body.id}`]) {
      const route = `GET /api/v1/notifications${path}`
      const answer = await call(route, { token: staff.token })
      expect([path, answer.status]).toEqual([path, 503])
      expect(answer.body).toMatchObject({ code: 'archive_unavailable' })
      expect(answer.headers.get('Retry-After')).toMatch(/^\d+$/)
    }
    socket.close()
  })

  test('[AR3] a slow D1 is waited for no longer than ARCHIVE_WAIT_MS', async () => {
    expect(env.ARCHIVE_WAIT_MS).toBe('1000')
    const { staff } = await openShop()
    await setFaults({ d1: { delay_ms: 1_500 } })
    const { status, body } = await send({ ...announced, to: { user_id: staff.id } })
    expect({ status, body }).toMatchObject({ status: 202, body: { archived: false } })
    await setFaults()
  })
})
