// [AU7] Who may do what: the table of the specification, and the row of each route in it.
// What is not here is refused; a route without a row does not compile (app.ts).
// The token decides what it can. What depends on a place ('own') is decided by that place's hub for commands and
// sockets, by the memberships in D1 for queries.
import type { Identity } from '../../durable-objects/rpc.ts'
import type { Scope } from '../../protocol/api.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { Role } from '../../protocol/notification.ts'

/**
 * - any: everywhere
 * - self: what is the caller's own
 * - own: where the caller has this role (for a display: its own location)
 * - a scope: everywhere, for a token that has it
 * - none: refused
 */
type Cell = 'any' | 'self' | 'own' | 'none'

interface Row {
  admin: Cell
  manager: Cell
  staff: Cell
  service: Scope | 'none'
  display: Cell
}

const row = (
  admin: Cell,
  manager: Cell,
  staff: Cell,
  service: Row['service'],
  display: Cell,
): Row => ({ admin, manager, staff, service, display })

export const RULES = {
  //                       admin   manager staff   service               display
  'own inbox': row('self', 'self', 'self', 'none', 'none'),
  'send to a person': row('any', 'own', 'none', 'notifications:send', 'none'),
  'send to a location': row('any', 'own', 'none', 'notifications:send', 'none'),
  'send to all': row('any', 'none', 'none', 'notifications:send', 'none'),
  'ephemeral events': row('any', 'own', 'none', 'events:send', 'none'),
  'read users': row('any', 'own', 'self', 'none', 'none'),
  'write users': row('any', 'none', 'none', 'directory:write', 'none'),
  'write roles of users': row('any', 'none', 'none', 'none', 'none'),
  'read locations': row('any', 'own', 'own', 'none', 'none'),
  'write locations': row('any', 'none', 'none', 'directory:write', 'none'),
  'read members': row('any', 'own', 'own', 'none', 'none'),
  'write members': row('any', 'own', 'none', 'directory:write', 'none'),
  'own socket': row('self', 'self', 'self', 'none', 'none'),
  'location socket': row('any', 'own', 'own', 'none', 'own'),
  'service keys': row('any', 'none', 'none', 'none', 'none'),
  'parked entries': row('any', 'none', 'none', 'none', 'none'),
  totals: row('any', 'none', 'none', 'status:read', 'none'),
} as const satisfies Record<string, Row>

export type Rule = keyof typeof RULES

/** What of its place a decision needs: the caller's role there, and whether the thing is the caller's own. */
export interface Facts {
  role?: Role | null
  self?: boolean
}

/** May this caller do this here? Pure. */
export function permits(rule: Rule, { role, scp }: Identity, facts: Facts): boolean {
  const cells: Row = RULES[rule]
  switch (role) {
    case 'admin':
      return cells.admin === 'any' || (cells.admin === 'self' && facts.self === true)
    case 'service':
      return cells.service !== 'none' && scp.includes(cells.service)
    case 'display':
      return cells.display === 'any'
    case 'member':
      return permitsMember(cells, facts)
  }
}

function permitsMember(cells: Row, { role, self }: Facts): boolean {
  if (self && (cells.manager === 'self' || cells.staff === 'self')) return true
  if (role === 'manager') return cells.manager === 'own'
  if (role === 'staff') return cells.staff === 'own'
  return false
}

/** Is there any place where this caller may do this? A no is final; a yes is left to the place. */
export const mayAnywhere = (rule: Rule, identity: Identity): boolean =>
  permits(rule, identity, { self: true, role: 'manager' }) ||
  permits(rule, identity, { self: true, role: 'staff' }) ||
  (identity.role === 'display' && RULES[rule].display === 'own')

interface RouteRow {
  /** One of these rules must allow it; `public`: no token is asked for; `signed in`: any valid token will do. */
  access: 'public' | 'signed in' | readonly Rule[]
  /** What a caller is told whom no rule allows: by default 404 for a GET, 403 for everything else. */
  refused?: ErrorCode
  /** How the token comes: a socket cannot set headers (AU5). */
  token?: 'socket'
}

const open = { access: 'public' } as const
const ownInbox = { access: ['own inbox'] } as const
/** An entry of somebody else's is not there. */
const ownEntry = { access: ['own inbox'], refused: 'not_found' } as const
const sends = { access: ['send to a person', 'send to a location', 'send to all'] } as const

/** Every route that is built, and who may call it. */
export const ROUTES = {
  'GET /healthz': open,
  'GET /metrics': open,
  'GET /.well-known/jwks.json': open,
  'PUT /__faults': open,
  'GET /docs': open,
  'GET /docs/style.css': open,
  'GET /api/v1/openapi.json': open,
  'GET /api/v1/asyncapi.json': open,
  'POST /api/v1/auth/token': open,
  'POST /api/v1/auth/dev': open,
  'POST /api/v1/auth/logout': open,
  'GET /api/v1/service-keys': { access: ['service keys'] },
  'POST /api/v1/service-keys': { access: ['service keys'] },
  'DELETE /api/v1/service-keys/:client_id': { access: ['service keys'] },
  'GET /api/v1/me': ownInbox,
  'PUT /api/v1/users/:id': { access: ['write users'] },
  'GET /api/v1/users/:id': { access: ['read users'] },
  'DELETE /api/v1/users/:id': { access: ['write users'] },
  'PUT /api/v1/locations/:id': { access: ['write locations'] },
  'GET /api/v1/locations/:id': { access: ['read locations'] },
  'DELETE /api/v1/locations/:id': { access: ['write locations'] },
  'GET /api/v1/locations/:id/members': { access: ['read members'] },
  'PUT /api/v1/locations/:id/members/:user_id': { access: ['write members'] },
  'DELETE /api/v1/locations/:id/members/:user_id': { access: ['write members'] },
  'POST /api/v1/notifications': sends,
  'POST /api/v1/notifications/batch': sends,
  'POST /api/v1/events': { access: ['ephemeral events'] },
  'GET /api/v1/notifications': ownInbox,
  'DELETE /api/v1/notifications': ownInbox,
  'GET /api/v1/notifications/unread': ownInbox,
  'GET /api/v1/notifications/unread/count': ownInbox,
  'POST /api/v1/notifications/read-all': ownInbox,
  'POST /api/v1/notifications/seen-all': ownInbox,
  'GET /api/v1/notifications/:id': ownEntry,
  'DELETE /api/v1/notifications/:id': ownEntry,
  'PUT /api/v1/notifications/:id/:mark{read|seen|archived|acknowledged}': ownEntry,
  'DELETE /api/v1/notifications/:id/:mark{read|seen|archived|acknowledged}': ownEntry,
  'GET /api/v1/archive/parked': { access: ['parked entries'] },
  'POST /api/v1/archive/parked/:stream/:seq/retry': { access: ['parked entries'] },
  'GET /api/v1/push/key': ownInbox,
  'GET /api/v1/push/subscriptions': ownInbox,
  'PUT /api/v1/push/subscriptions/:device': ownInbox,
  'POST /api/v1/push/test': ownInbox,
  'DELETE /api/v1/push/subscriptions/:device': ownInbox,
  'GET /api/v1/ws/status': { access: ['own inbox', 'totals'] },
  'GET /api/v1/ws': {
    access: ['own socket', 'location socket'],
    refused: 'forbidden',
    token: 'socket',
  },
} as const satisfies Record<`${string} /${string}`, RouteRow>

export type RouteName = keyof typeof ROUTES

/** The row of a route, with the optional columns readable. */
export const routeRow = (name: RouteName): RouteRow => ROUTES[name]

/** What a caller is told whom the table refuses (AU7). */
export const refusalOf = (name: RouteName): ErrorCode =>
  routeRow(name).refused ?? (name.startsWith('GET ') ? 'not_found' : 'forbidden')
