// Is this a server that lets the demo people in? Asked before anybody is shown to choose from.
import { createModel, signal } from '@preact/signals'
import { ShopbellError } from '../../client/index.ts'
import type { Api } from '../../client/types.ts'

/** - platform: this server has no demo people; sign-in comes from outside */
export type DoorStatus = 'asking' | 'open' | 'platform' | 'unreachable'

function statusAfter(error: ShopbellError): DoorStatus {
  if (error.code === 'network') return 'unreachable'
  return error.code === 'not_found' ? 'platform' : 'open'
}

export const DoorModel = createModel((api: Pick<Api, 'signInDev'>) => {
  const status = signal<DoorStatus>('asking')
  return {
    status,
    /** An empty name is refused where there are demo people, and not even a route elsewhere (AU3). */
    async knock() {
      status.value = 'asking'
      try {
        await api.signInDev('')
        status.value = 'open'
      } catch (error) {
        if (!(error instanceof ShopbellError)) throw error
        status.value = statusAfter(error)
      }
    },
  }
})
export type Door = InstanceType<typeof DoorModel>
