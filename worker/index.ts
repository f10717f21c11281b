// The entry of the deployment. The runtime takes handlers and classes from here and nothing else.
import { app } from './app.ts'
import type { Env } from './env.ts'
import { runScheduled } from './scheduled.ts'

export { LocationHub } from '../durable-objects/location-hub.ts'
export { UserHub } from '../durable-objects/user-hub.ts'

export default {
  fetch: app.fetch,
  scheduled: runScheduled,
} satisfies ExportedHandler<Env>
