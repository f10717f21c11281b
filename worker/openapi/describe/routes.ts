// Every route of the table of permissions, described. One that is missing here does not compile.
import type { RouteName } from '../../auth/permissions.ts'
import type { RouteDescription } from '../description.ts'
import { AUTH } from './auth.ts'
import { DIRECTORY } from './directory.ts'
import { EVENTS } from './events.ts'
import { INBOX } from './inbox.ts'
import { OPERATIONS } from './operations.ts'
import { PUSH } from './push.ts'
import { SENDING } from './sending.ts'
import { SOCKETS } from './sockets.ts'

export const DESCRIPTIONS: Record<RouteName, RouteDescription> = {
  ...AUTH,
  ...SENDING,
  ...EVENTS,
  ...INBOX,
  ...PUSH,
  ...SOCKETS,
  ...DIRECTORY,
  ...OPERATIONS,
}
