// Section 1: the same send twice is one (CO5).
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'
import type { Tester } from '../tester.ts'
import type { Sent } from '../wire.ts'

const SEND = '/api/v1/notifications'

async function sendWithKey(t: Tester, token: string, key: string, body: object) {
  const asked = { token, body, headers: { 'Idempotency-Key': key } }
  const answer = await t.ask('POST', SEND, asked)
  const isWell = answer.status === 201 || answer.status === 202
  must(isWell, '201 or 202', `${answer.status} ${answer.text}`)
  const replayed = answer.headers.get('idempotent-replayed')
  return { sent: answer.json as Sent, replayed }
}

const placeOf = ({ id, stream, seq, status }: Sent) => ({ id, stream, seq, status })
const custom = (to: object) => ({ to, type: 'custom', title: 'Once' })

export const KEYS: Chapter = {
  name: 'keys',
  checks: [
    check('CO5', 'same key, same body: the same answer, with Idempotent-Replayed', async (t) => {
      const { staff } = await t.shop()
      const [token, key, body] = [await t.service(), t.key(), custom({ user_id: staff.id })]
      const first = await sendWithKey(t, token, key, body)
      mustEqual(first.replayed, null, 'no Idempotent-Replayed on the first')
      const second = await sendWithKey(t, token, key, body)
      mustEqual(second.replayed, 'true', 'Idempotent-Replayed')
      mustEqual(placeOf(second.sent), placeOf(first.sent), 'the same entry')
    }),
    check('CO5', 'the second has no second effect: one frame, one entry, one count', async (t) => {
      const reader = await t.person()
      const socket = await t.open(reader.token)
      const [token, key, body] = [await t.service(), t.key(), custom({ user_id: reader.id })]
      const { sent } = await sendWithKey(t, token, key, body)
      await sendWithKey(t, token, key, body)
      const last = await t.send({ user_id: reader.id })
      await socket.entry(last.id)
      mustEqual(
        socket.entries().map(({ id }) => id),
        [sent.id, last.id],
        'each once',
      )
      mustEqual(last.seq, sent.seq + 1, 'the next seq')
      await t.archived(reader, last.id)
      mustEqual((await t.count(reader)).unread, 2, 'unread')
    }),
    check('CO5', 'sent ten times at once it is one, too', async (t) => {
      const { staff } = await t.shop()
      const [token, key, body] = [await t.service(), t.key(), custom({ user_id: staff.id })]
      const sends = Array.from({ length: 10 }, () => sendWithKey(t, token, key, body))
      const answers = await Promise.all(sends)
      mustEqual(new Set(answers.map(({ sent }) => sent.id)).size, 1, 'ids')
      mustEqual(answers.filter(({ replayed }) => replayed === null).length, 1, 'first answers')
    }),
    check('CO5', 'the order of keys in the body makes no other body', async (t) => {
      const { staff } = await t.shop()
      const [token, key] = [await t.service(), t.key()]
      const to = { user_id: staff.id }
      await sendWithKey(t, token, key, { to, type: 'custom', title: 'Once' })
      const { replayed } = await sendWithKey(t, token, key, { title: 'Once', type: 'custom', to })
      mustEqual(replayed, 'true', 'Idempotent-Replayed')
    }),
    check('CO5', 'another body is 422 idempotency_mismatch', async (t) => {
      const { staff } = await t.shop()
      const [token, key, body] = [await t.service(), t.key(), custom({ user_id: staff.id })]
      await sendWithKey(t, token, key, body)
      const other = {
        token,
        headers: { 'Idempotency-Key': key },
        body: { ...body, title: 'Twice' },
      }
      await t.refused('POST', SEND, other, 422, 'idempotency_mismatch')
    }),
    check('CO5', 'another recipient is another request', async (t) => {
      const { staff, manager } = await t.shop()
      const [token, key] = [await t.service(), t.key()]
      const first = await sendWithKey(t, token, key, custom({ user_id: staff.id }))
      const second = await sendWithKey(t, token, key, custom({ user_id: manager.id }))
      must(first.sent.id !== second.sent.id && second.replayed === null, 'two', second.sent)
    }),
    check('CO5', "another caller's key is another key", async (t) => {
      const { staff, manager } = await t.shop()
      const [key, body] = [t.key(), custom({ user_id: staff.id })]
      const first = await sendWithKey(t, await t.service(), key, body)
      const second = await sendWithKey(t, manager.token, key, body)
      must(first.sent.id !== second.sent.id && second.replayed === null, 'two', second.sent)
    }),
    check('CO5', 'a key has 1 to 255 characters', async (t) => {
      const { staff } = await t.shop()
      const token = await t.service()
      const body = custom({ user_id: staff.id })
      await sendWithKey(t, token, `${t.key()}`.padEnd(255, 'k'), body)
      const asked = { token, body, headers: { 'Idempotency-Key': 'k'.repeat(256) } }
      const { status } = await t.ask('POST', SEND, asked)
      must(status === 400 || status === 422, '400 or 422', status)
    }),
    check('CO5', 'a send that was refused keeps no key', async (t) => {
      const { staff } = await t.shop()
      const [token, key] = [await t.service(), t.key()]
      const wrong = { token, body: { to: {}, type: 'custom' }, headers: { 'Idempotency-Key': key } }
      await t.refused('POST', SEND, wrong, 422, 'invalid')
      const { replayed } = await sendWithKey(t, token, key, custom({ user_id: staff.id }))
      mustEqual(replayed, null, 'the first that is taken')
    }),
    check('CO5', 'a batch that is sent again replays every item', async (t) => {
      const { staff, id } = await t.shop()
      const items = [custom({ user_id: staff.id }), custom({ location_id: id })]
      const key = t.key()
      const first = await t.batch(items, key)
      const second = await t.batch(items, key)
      mustEqual(
        second.map((one) => one['id']),
        first.map((one) => one['id']),
        'the same ids',
      )
      mustEqual(
        second.map((one) => one['idempotent_replayed']),
        [true, true],
        'replayed',
      )
    }),
    check('CO5', 'in a batch an item may carry its own key, at any place', async (t) => {
      const { staff } = await t.shop()
      const keyed = { ...custom({ user_id: staff.id }), idempotency_key: t.key() }
      const [first] = await t.batch([keyed])
      const [, second] = await t.batch([custom({ user_id: staff.id }), keyed])
      mustEqual(second?.['id'], first?.['id'], 'the same entry')
    }),
    check('CO5', "the header gives item i '<key>:<i>'", async (t) => {
      const { staff } = await t.shop()
      const key = t.key()
      const item = custom({ user_id: staff.id })
      const [, second] = await t.batch([item, item], key)
      const [again] = await t.batch([{ ...item, idempotency_key: `${key}:1` }])
      mustEqual(again?.['id'], second?.['id'], 'the second item')
    }),
  ],
}
