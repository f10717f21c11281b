// What shows only while the archive is away or slow. A development server's own switch does that to everybody there, so these
// run when nothing else does, and only when asked for.
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'
import type { Tester } from '../tester.ts'
import type { Inbox } from '../wire.ts'

const LIST = '/api/v1/notifications'

/** Spoils the archive while something is done, and always mends it again. */
async function withArchive(t: Tester, d1: object, act: () => Promise<void>): Promise<void> {
  t.demandDevelopment('only there the archive can be made to play dead')
  if (!t.wishes.faults) t.skip('needs --faults, on a server that nobody else uses')
  const set = (body: object) => t.well('PUT', '/__faults', { body }, 200)
  await set({ d1 })
  try {
    await act()
  } finally {
    await set({})
  }
}

export const FAULTS: Chapter = {
  name: 'faults',
  isAlone: true,
  checks: [
    check(
      'AR4',
      'while D1 is away sends are 202 and delivered, and lists are 503 with Retry-After',
      async (t) => {
        const person = await t.person()
        const socket = await t.open(person.token)
        await withArchive(t, { down: true }, async () => {
          const sent = await t.send({ user_id: person.id })
          mustEqual(sent.archived, false, 'archived')
          await socket.entry(sent.id)
          const asked = { token: person.token }
          const answer = await t.refused('GET', LIST, asked, 503, 'archive_unavailable')
          must(answer.headers.has('retry-after'), 'Retry-After', [...answer.headers])
        })
      },
    ),
    check('AR4', 'sockets open and resume then, too, and live events pass', async (t) => {
      const person = await t.person()
      const first = await t.open(person.token)
      await withArchive(t, { down: true }, async () => {
        const { id } = await t.send({ user_id: person.id })
        const second = await t.resume(person.token, first, 0)
        mustEqual(second.welcome.recovered, true, 'recovered')
        await second.entry(id)
      })
    }),
    check('AR4', 'when it is back the logs drain by themselves, in order', async (t) => {
      const person = await t.person()
      const ids: string[] = []
      await withArchive(t, { down: true }, async () => {
        for (let at = 0; at < 5; at += 1) ids.push((await t.send({ user_id: person.id })).id)
      })
      const { data } = await t.soon<Inbox>(30_000, 'all five in the archive', async () => {
        const inbox = await t.inbox(person)
        return inbox.data.length === 5 ? inbox : null
      })
      mustEqual(data.map(({ id }) => id).toReversed(), ids, 'in order')
    }),
    check(
      'AR4',
      'a command stands meanwhile: 202, and it is so when the archive is back',
      async (t) => {
        const person = await t.person()
        const { id } = await t.send({ user_id: person.id })
        await t.archived(person, id)
        await withArchive(t, { down: true }, async () => {
          const answer = await t.ask('PUT', `${LIST}/${id}/read`, { token: person.token })
          mustEqual([answer.status, answer.json], [202, { archived: false }], 'the answer')
        })
        await t.soon(30_000, 'read in the archive', async () =>
          (await t.state(person, id)).is_read ? true : null,
        )
      },
    ),
    check('AR8', 'a slow archive makes a send 202, and delays no delivery', async (t) => {
      const person = await t.person()
      const socket = await t.open(person.token)
      await withArchive(t, { delay_ms: 2_500 }, async () => {
        const sent = await t.send({ user_id: person.id })
        mustEqual(sent.archived, false, 'archived')
        must(socket.has(sent.id), 'delivered before the answer', socket.texts.at(-1))
      })
    }),
  ],
}
