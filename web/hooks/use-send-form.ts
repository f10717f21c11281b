import { useCallback } from 'preact/hooks'
import type { Draft, Field } from '../stores/draft-send.ts'
import { shopsToSendTo } from '../stores/rights.ts'
import { useApp, useWords } from './use-app.ts'
import { useDraft } from './use-draft.ts'

interface Person {
  id: string
  name: string
  shop: string
}

/** The draft as the form needs it, with names for ids and words for errors. */
export function useSendForm() {
  const { me, directory } = useApp()
  const store = useDraft()
  const words = useWords().send
  const draft = store.draft.value
  const state = store.state.value
  const shops = directory.shops.value
  const shopIds = shopsToSendTo(me, (id) => shops.has(id))
  const shopName = (id: string) => shops.get(id)?.name ?? id

  const people: Person[] = shopIds.flatMap((shop) =>
    (directory.members.value.get(shop) ?? []).map(({ user_id: id, name }) => {
      return { id, name, shop: shopName(shop) }
    }),
  )
  const personName = people.find((one) => one.id === draft.personId)?.name ?? ''

  return {
    draft,
    state,
    shopIds,
    people,
    /** Who will get it, by name; empty while nobody is chosen. */
    to: draft.target === 'shop' ? shopName(draft.shopId) : personName,
    change: useCallback((part: Partial<Draft>) => store.change(part), [store]),
    errorOf(field: Field) {
      const problem = state.name === 'fix' ? state.fields[field] : undefined
      if (!problem) return undefined
      return problem.kind === 'missing' ? words.required : problem.message
    },
  }
}
