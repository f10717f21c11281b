// Who an entry is for (NO4, NO8). One pure decision, used for sockets, replay, copies and push;
// db/ has the same table of cases as an SQL fragment.
import { typeRow } from '../../protocol/notification-types.ts'
import type { Role, Send } from '../../protocol/notification.ts'
import type { Head, Membership } from '../rpc.ts'
import { isAfter } from './places.ts'

export const MANAGERS = 1
export const STAFF = 2
export const EVERYONE = MANAGERS | STAFF

const bitOf = (role: Role): number => (role === 'manager' ? MANAGERS : STAFF)

/** The audience of a send: the roles it names, else what its type's readers need (NO4). An own stream has one reader. */
export function audienceOf(send: Send): number {
  if (send.to.user_id !== undefined) return EVERYONE
  if (send.to.roles) return send.to.roles.reduce((bits, role) => bits | bitOf(role), 0)
  return typeRow(send.type).managersOnly ? MANAGERS : EVERYONE
}

/** Whoever reads a location's stream. */
export type Reader =
  | { kind: 'member'; membership: Membership }
  | { kind: 'admin' }
  | { kind: 'display' }

/**
 * [NO8] Visible = a member since before the entry, and it is for everyone, or for the role held now and held since before it.
 * [NO4] An admin sees every entry of a location's stream, a display only those for everyone.
 */
export function maySee(entry: { audience: number; at: Head }, reader: Reader): boolean {
  if (reader.kind === 'admin') return true
  if (reader.kind === 'display') return entry.audience === EVERYONE
  const { role, from, roleFrom } = reader.membership
  if (!isAfter(entry.at, from)) return false
  if (entry.audience === EVERYONE) return true
  return (entry.audience & bitOf(role)) !== 0 && isAfter(entry.at, roleFrom)
}
