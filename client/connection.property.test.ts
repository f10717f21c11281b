import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CLOSE_CODES } from '../protocol/errors.ts'
import { flush } from '../tests/fakes/fake-clock.ts'
import { setScene, type Scene } from '../tests/client/scene.ts'
import { WELCOME } from '../tests/fakes/fake-socket.ts'
import { ShopbellError } from './errors.ts'
import type { Hint, HttpOutcome } from './types.ts'

/** What can befall a connection. `why` collects what allows it to stop. */
type Act = (scene: Play, why: Set<string>) => void | Promise<void>

/** `held`: tokens that are on their way until they are let go. */
type Play = Scene & { held: (() => void)[] }

const HINTS: Hint[] = ['online', 'offline', 'visible', 'hidden', 'focus']
const CODES = [1000, 1006, 1011, 4321, 4777, ...Object.keys(CLOSE_CODES).map(Number)]

const pass =
  (ms: number): Act =>
  ({ clock }) =>
    clock.advance(ms)

const withOpen =
  (act: Act): Act =>
  (scene, why) =>
    scene.server.alive.some(({ state }) => state === 'open') ? act(scene, why) : undefined

const withOpening =
  (act: Act): Act =>
  (scene, why) =>
    scene.server.alive.some(({ state }) => state === 'connecting') ? act(scene, why) : undefined

const ended = (code: number, why: Set<string>) => void (code >= 4500 && why.add(String(code)))

const acts: fc.Arbitrary<Act> = fc.oneof(
  fc.integer({ min: 1, max: 60_000 }).map(pass),
  fc.integer({ min: 1, max: 900_000 }).map(
    (ms): Act =>
      ({ clock }) =>
        clock.sleep(ms),
  ),
  fc.constantFrom(...HINTS).map(
    (hint): Act =>
      ({ window }) =>
        window.say(hint),
  ),
  fc.constant(withOpening(({ server }) => server.last.welcome())),
  fc.constant(withOpening(({ server }) => server.last.accept())),
  fc.constant(withOpening(({ server }) => server.last.refuse())),
  fc.constant(withOpen(({ server }) => void (server.last.answersPings = false))),
  fc.constantFrom(...CODES).map((code) =>
    withOpen(({ server }, why) => {
      ended(code, why)
      server.last.drop(code)
    }),
  ),
  fc.constantFrom(...CODES).map((code) =>
    withOpen(({ server }, why) => {
      ended(code, why)
      server.last.say({ type: 'bye', code, reason: 'x', retry: code < 4500 })
    }),
  ),
  fc.constantFrom('network', 'unauthorized').map((code): Act => ({ tokens }, why) => {
    if (code === 'unauthorized') why.add('null')
    tokens.get = () => Promise.reject(new ShopbellError(code as 'network'))
  }),
  fc.constant<Act>(({ tokens, clock }) => {
    tokens.get = async () => ({ token: 't', expiresAt: clock.now() + 900_000 })
  }),
  fc.constant<Act>(({ tokens, clock, held }) => {
    tokens.get = () =>
      new Promise((resolve) => {
        held.push(() => resolve({ token: 't', expiresAt: clock.now() + 900_000 }))
      })
  }),
  fc
    .constantFrom<HttpOutcome>('answered', 'refused', 'unreachable')
    .map((outcome): Act => ({ http }, why) => {
      if (outcome === 'refused') why.add('null')
      http.tell(outcome)
    }),
  fc.constant<Act>(({ held }) => held.splice(0).forEach((bring) => bring())),
  fc.constant<Act>(({ connection }) => connection.stop()),
  fc.constant<Act>(({ connection }) => connection.restart()),
  fc.constant<Act>(({ connection }) => connection.start()),
)

const HAVE_SOCKETS = new Set(['connecting', 'resuming', 'live', 'degraded'])
const BY_ITSELF = new Set([...HAVE_SOCKETS, 'waiting', 'offline'])

function check({ server, connection, clock }: Scene, why: Set<string>) {
  const state = connection.getState()
  const mayHave = HAVE_SOCKETS.has(state.name) ? 1 : 0
  expect(server.alive.length, `sockets in ${state.name}`).toBeLessThanOrEqual(mayHave)
  // Whatever is to happen by itself has a timer; nothing else has one.
  expect(clock.timers().length, `timers in ${state.name}`).toBe(BY_ITSELF.has(state.name) ? 1 : 0)
  if (state.name === 'live') expect(server.last.state).toBe('open')
  if (state.name === 'stopped' && state.reason !== 'gave_up') {
    expect(why.has(String(state.code)), `a reason for ${state.reason}`).toBe(true)
  }
}

/** Everything is well again: whoever opens is welcome. Stopped ones need a person, also those that were about to stop. */
async function heal(scene: Play, why: Set<string>) {
  const { server, window, tokens, clock, connection, held } = scene
  if (connection.getState().name === 'resuming') server.last.say(WELCOME)
  held.splice(0).forEach((bring) => bring())
  tokens.get = async () => ({ token: 't', expiresAt: clock.now() + 900_000 })
  window.say('online')
  window.say('visible')
  connection.start()
  const isWell = () => connection.getState().name === 'live' && server.last.answersPings
  for (let i = 0; i < 400 && !isWell(); i++) {
    check(scene, why)
    if (connection.getState().name === 'stopped') connection.restart()
    await clock.advance(1_000)
    if (server.alive[0]?.state === 'connecting') server.last.welcome()
  }
}

test('never two sockets, never stopped without a reason, and back when all is well', async () => {
  const schedule = fc.array(acts, { minLength: 1, maxLength: 40, size: 'max' })
  const dice = fc.double({ min: 0, max: 0.999, noNaN: true })
  await fc.assert(
    fc.asyncProperty(schedule, dice, async (all, roll) => {
      const scene: Play = { ...setScene({}, roll), held: [] }
      const why = new Set<string>()
      scene.connection.start()
      for (const act of all) {
        await act(scene, why)
        await flush()
        check(scene, why)
      }
      await heal(scene, why)
      expect(scene.connection.getState().name).toBe('live')
      expect(scene.server.last.answersPings, 'a live socket').toBe(true)
      check(scene, why)
    }),
    { numRuns: Number(process.env['RUNS'] ?? 300) },
  )
})

test('gives up exactly after the attempts that it was told of', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 15 }), async (max_attempts) => {
      const scene = setScene()
      const { server, clock, connection } = scene
      connection.start()
      await flush()
      server.last.welcome({ reconnect: { min_ms: 10, max_ms: 1_000, max_attempts } })
      server.last.drop()
      for (let i = 0; i < 50 && connection.getState().name !== 'stopped'; i++) {
        await clock.advance(600_000)
        if (server.alive.length > 0) server.last.refuse()
      }
      expect(connection.getState()).toEqual({ name: 'stopped', reason: 'gave_up', code: null })
      expect(server.sockets).toHaveLength(1 + max_attempts)
    }),
    { numRuns: 15 },
  )
})
