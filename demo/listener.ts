// Whose socket will show a send.
import { typeRow } from '../protocol/notification-types.ts'
import type { Role } from '../protocol/notification.ts'
import type { Colleague, Planned } from './plan.ts'

/** The one who is told; for what goes to a whole shop, one who may see it (NO4), the manager before others. */
export function listenerOf({ userId, body }: Planned, people: readonly Colleague[]): string | null {
  if (userId !== null) return userId
  const roles = rolesOf(body)
  const readers = people.filter(({ role }) => roles.includes(role))
  return (readers.find(({ role }) => role === 'manager') ?? readers[0])?.id ?? null
}

/** [NO4] Figures of a shop are for its managers, unless the sender says otherwise. */
function rolesOf({ to, type }: Planned['body']): readonly Role[] {
  return to.roles ?? (typeRow(type).managersOnly ? ['manager'] : ['manager', 'staff'])
}
