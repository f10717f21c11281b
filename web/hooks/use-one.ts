import { useEffect, useState } from 'preact/hooks'
import { useNotifications, useShopbell } from '../../client/preact.ts'
import { ShopbellError } from '../../client/index.ts'
import type { Api, InboxEntry } from '../../client/types.ts'

export type One =
  | { name: 'here'; entry: InboxEntry }
  | { name: 'loading' }
  | { name: 'missing' }
  | { name: 'failed' }

async function ask(api: Pick<Api, 'one'>, id: string): Promise<One> {
  try {
    const { state, ...rest } = await api.one(id)
    return state ? { name: 'here', entry: { ...rest, state } } : { name: 'missing' }
  } catch (error) {
    if (!(error instanceof ShopbellError)) throw error
    return error.reaction === 'forget' ? { name: 'missing' } : { name: 'failed' }
  }
}

/** The notification of an address: from the live inbox if it is there, else asked for by itself. */
export function useOne(id: string): One & { again: () => void } {
  const { notifications, status } = useNotifications()
  const { api } = useShopbell()
  const [asked, setAsked] = useState<One>({ name: 'loading' })
  const [round, setRound] = useState(0)
  const listed = notifications.find((one) => one.id === id)
  const isListed = listed !== undefined
  const isLoading = status === 'loading'
  useEffect(() => {
    if (isListed || isLoading) return
    let isCurrent = true
    setAsked({ name: 'loading' })
    void ask(api, id).then((one) => (isCurrent ? setAsked(one) : undefined))
    return () => {
      isCurrent = false
    }
  }, [api, id, isListed, isLoading, round])
  const again = () => setRound(round + 1)
  return listed ? { name: 'here', entry: listed, again } : { ...asked, again }
}
