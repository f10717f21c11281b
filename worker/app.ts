// The table of contents: what every request passes, and who answers it. Who may call it stands in auth/permissions.ts.
import { Hono } from 'hono'
import { signedIn } from './auth/guard.ts'
import type { AppEnv } from './context.ts'
import { developmentOnly } from './middleware/development-only.ts'
import { noSuchPath, toProblem } from './middleware/failures.ts'
import { configured, named } from './middleware/headers.ts'
import { httpsOnly } from './middleware/https.ts'
import { knownOrigin } from './middleware/origin.ts'
import { mount, mountAlike, refuseOtherMethods } from './mount.ts'
import { issueDevToken, issueToken, logOut } from './routes/auth.ts'
import { publishEvent } from './routes/events.ts'
import { clear, deleteEntry, markEntry, readAll, seenAll } from './routes/commands.ts'
import * as described from './routes/described.ts'
import { listInbox, listUnread, readCount, readEntry } from './routes/inbox.ts'
import { answerLater, LATER_PUBLIC_ROUTES, LATER_ROUTES } from './routes/later.ts'
import * as locations from './routes/locations.ts'
import { readMetrics } from './routes/metrics.ts'
import { readHealth, readKeys, setFaults } from './routes/operations.ts'
import * as push from './routes/push.ts'
import { listParkedEntries, retryParkedEntry } from './routes/parked.ts'
import { sendBatch, sendOne } from './routes/sends.ts'
import * as keys from './routes/service-keys.ts'
import { openStream, readStatus, upgradeOnly } from './routes/sockets.ts'
import { readMe, readUser, removeUser, writeUser } from './routes/users.ts'

export const app = new Hono<AppEnv>()

app.onError(toProblem)
app.notFound(noSuchPath)

app.use(named, configured)
app.use('/__faults', developmentOnly)
app.use('/api/v1/auth/dev', developmentOnly)
app.use(httpsOnly)
app.use('/__faults', knownOrigin)
app.use('/api/*', knownOrigin)
app.use('/api/v1/ws', upgradeOnly)

mountAlike(app, LATER_PUBLIC_ROUTES, answerLater)
mountAlike(app, LATER_ROUTES, answerLater, signedIn)
mount(app, {
  'GET /healthz': readHealth,
  'GET /metrics': readMetrics,
  'GET /.well-known/jwks.json': readKeys,
  'PUT /__faults': setFaults,
  'GET /docs': described.readDocs,
  'GET /docs/style.css': described.readDocsStyle,
  'GET /api/v1/openapi.json': described.readOpenApi,
  'GET /api/v1/asyncapi.json': described.readAsyncApi,

  'POST /api/v1/auth/token': issueToken,
  'POST /api/v1/auth/dev': issueDevToken,
  'POST /api/v1/auth/logout': logOut,

  'GET /api/v1/service-keys': keys.listKeys,
  'POST /api/v1/service-keys': keys.addKey,
  'DELETE /api/v1/service-keys/:client_id': keys.revokeKey,

  'GET /api/v1/me': readMe,
  'PUT /api/v1/users/:id': writeUser,
  'GET /api/v1/users/:id': readUser,
  'DELETE /api/v1/users/:id': removeUser,
  'PUT /api/v1/locations/:id': locations.writeLocation,
  'GET /api/v1/locations/:id': locations.readLocation,
  'DELETE /api/v1/locations/:id': locations.removeLocation,
  'GET /api/v1/locations/:id/members': locations.readMembers,
  'PUT /api/v1/locations/:id/members/:user_id': locations.writeMember,
  'DELETE /api/v1/locations/:id/members/:user_id': locations.removeMember,

  'POST /api/v1/events': publishEvent,
  'POST /api/v1/notifications': sendOne,
  'POST /api/v1/notifications/batch': sendBatch,

  'GET /api/v1/notifications': listInbox,
  'GET /api/v1/notifications/unread': listUnread,
  'GET /api/v1/notifications/unread/count': readCount,
  'GET /api/v1/notifications/:id': readEntry,

  'POST /api/v1/notifications/read-all': readAll,
  'POST /api/v1/notifications/seen-all': seenAll,
  'DELETE /api/v1/notifications': clear,
  'DELETE /api/v1/notifications/:id': deleteEntry,
  'PUT /api/v1/notifications/:id/:mark{read|seen|archived|acknowledged}': markEntry('PUT'),
  'DELETE /api/v1/notifications/:id/:mark{read|seen|archived|acknowledged}': markEntry('DELETE'),

  'GET /api/v1/archive/parked': listParkedEntries,
  'POST /api/v1/archive/parked/:stream/:seq/retry': retryParkedEntry,

  'GET /api/v1/push/key': push.readPushKey,
  'GET /api/v1/push/subscriptions': push.listSubscriptions,
  'PUT /api/v1/push/subscriptions/:device': push.writeSubscription,
  'POST /api/v1/push/test': push.testPush,
  'DELETE /api/v1/push/subscriptions/:device': push.endSubscription,

  'GET /api/v1/ws': openStream,
  'GET /api/v1/ws/status': readStatus,
})
refuseOtherMethods(app)
