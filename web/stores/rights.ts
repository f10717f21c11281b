// [AU7] What the app offers to whom. Only an offer: the hubs decide.
import type { Me } from '../../protocol/api.ts'
import { DEMO_SHOPS } from './demo-people.ts'

const managedShops = (me: Me) =>
  Object.entries(me.memberships)
    .filter(([, role]) => role === 'manager')
    .map(([id]) => id)

export const maySend = (me: Me) => me.role === 'admin' || managedShops(me).length > 0

/**
 * The shops whose names the app asks for. There is no list of all shops to ask for, so an admin is
 * offered those of the demo where they exist, and reaches any other by its id.
 */
export const shopsToKnow = (me: Me) => [
  ...new Set([...Object.keys(me.memberships), ...(me.role === 'admin' ? DEMO_SHOPS : [])]),
]

export const shopsToSendTo = (me: Me, isKnown: (id: string) => boolean) =>
  me.role === 'admin' ? shopsToKnow(me).filter(isKnown) : managedShops(me)
