// Names for ids: shops and the people in them. It asks once for each shop and forgets nothing; what
// it does not know is shown by its id, so nothing waits for it.
import { computed, createModel, signal } from '@preact/signals'
import type { Api } from '../../client/types.ts'
import type { Location, Member } from '../../protocol/api.ts'

export type DirectoryApi = Pick<Api, 'location' | 'members'>

export const DirectoryModel = createModel((api: DirectoryApi) => {
  const shops = signal<ReadonlyMap<string, Location>>(new Map())
  const members = signal<ReadonlyMap<string, readonly Member[]>>(new Map())
  const asked = new Set<string>()

  async function askShop(id: string) {
    try {
      const shop = await api.location(id)
      shops.value = new Map(shops.value).set(id, shop)
    } catch {
      // Not known yet is a state of its own: the id is shown, and the next visit asks again.
      asked.delete(id)
    }
  }

  async function askMembers(id: string) {
    try {
      const people = await api.members(id)
      members.value = new Map(members.value).set(id, people)
    } catch {
      asked.delete(id)
    }
  }

  return {
    shops,
    members,
    names: computed(
      () => new Map([...members.value.values()].flat().map((one) => [one.user_id, one.name])),
    ),
    learn(shopIds: Iterable<string>) {
      for (const id of shopIds) {
        if (asked.has(id)) continue
        asked.add(id)
        void askShop(id)
        void askMembers(id)
      }
    },
  }
})
export type Directory = InstanceType<typeof DirectoryModel>
