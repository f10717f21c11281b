import { useShopbell } from '../../client/preact.ts'
import type { Shopbell } from '../../client/types.ts'
import { DraftModel, type DraftStore } from '../stores/draft.ts'

const drafts = new WeakMap<Shopbell, DraftStore>()

/** One draft for a signed-in window, kept while the person looks at another tab. */
export function useDraft(): DraftStore {
  const shopbell = useShopbell()
  let draft = drafts.get(shopbell)
  if (!draft) drafts.set(shopbell, (draft = new DraftModel(shopbell.api)))
  return draft
}
