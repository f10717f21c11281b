// One send, from the first letter to what became of it. Kept while the person looks at another tab.
import { createModel, signal } from '@preact/signals'
import { ShopbellError } from '../../client/index.ts'
import type { Api } from '../../client/types.ts'
import { EMPTY_DRAFT, fieldOf, missingIn, toSend, type Draft, type Field } from './draft-send.ts'
import { randomId } from './random-id.ts'

type FieldProblem = { kind: 'missing' } | { kind: 'refused'; message: string }

export type SendState =
  | { name: 'writing' }
  | { name: 'sending'; to: string }
  | { name: 'sent'; to: string }
  | { name: 'fix'; fields: Partial<Record<Field, FieldProblem>> }
  | { name: 'forbidden' }
  /** No answer came: perhaps it arrived, so the next try says so by its key. */
  | { name: 'failed' }
  | { name: 'refused'; why: string }

function stateAfter(error: ShopbellError, draft: Draft): SendState {
  if (error.code === 'forbidden') return { name: 'forbidden' }
  if (error.reaction === 'retry' && error.code !== 'rate_limited') return { name: 'failed' }
  const fields: Partial<Record<Field, FieldProblem>> = {}
  for (const { pointer, message } of error.fields) {
    const field = fieldOf(pointer, draft)
    if (field) fields[field] ??= { kind: 'refused', message }
  }
  if (error.code === 'unknown_recipient' && Object.keys(fields).length === 0) {
    const field = draft.target === 'shop' ? 'shopId' : 'personId'
    fields[field] = { kind: 'refused', message: error.message }
  }
  if (Object.keys(fields).length > 0) return { name: 'fix', fields }
  return { name: 'refused', why: error.message }
}

export const DraftModel = createModel((api: Pick<Api, 'send'>, newKey: () => string = randomId) => {
  const draft = signal<Draft>(EMPTY_DRAFT)
  const state = signal<SendState>({ name: 'writing' })
  /** The same words to the same people keep their key, so a second try never arrives twice (CO5). */
  let tried: { body: string; key: string } | null = null

  return {
    draft,
    state,
    change(part: Partial<Draft>) {
      draft.value = { ...draft.value, ...part }
      const now = state.value
      if (now.name === 'sent') state.value = { name: 'writing' }
      if (now.name !== 'fix') return
      const fields = { ...now.fields }
      for (const field of Object.keys(part) as Field[]) delete fields[field]
      state.value = Object.keys(fields).length > 0 ? { name: 'fix', fields } : { name: 'writing' }
    },
    /** `to` is the recipient's name as the person reads it. */
    async send(to: string) {
      if (state.peek().name === 'sending') return
      const current = draft.peek()
      const missing = missingIn(current)
      if (missing.length > 0) {
        const fields = Object.fromEntries(missing.map((one) => [one, { kind: 'missing' }] as const))
        state.value = { name: 'fix', fields }
        return
      }
      const send = toSend(current)
      const body = JSON.stringify(send)
      if (tried?.body !== body) tried = { body, key: newKey() }
      state.value = { name: 'sending', to }
      try {
        await api.send(send, { idempotencyKey: tried.key })
        tried = null
        state.value = { name: 'sent', to }
        const { target, shopId, personId } = current
        draft.value = { ...EMPTY_DRAFT, target, shopId, personId }
      } catch (error) {
        if (!(error instanceof ShopbellError)) throw error
        state.value = stateAfter(error, current)
      }
    },
    again() {
      state.value = { name: 'writing' }
    },
  }
})
export type DraftStore = InstanceType<typeof DraftModel>
