// The table, in its order.
import type { Row } from './row.ts'
import { batch } from './rows/batch.ts'
import { burst } from './rows/burst.ts'
import { connects } from './rows/connects.ts'
import { fanOut } from './rows/fan-out.ts'
import { farDatabase } from './rows/far-database.ts'
import { growth } from './rows/growth.ts'
import { idle } from './rows/idle.ts'
import { inFlight } from './rows/in-flight.ts'
import { inbox } from './rows/inbox.ts'
import { personal } from './rows/personal.ts'
import { resumeStorm } from './rows/resume-storm.ts'

export const ROWS: readonly Row[] = [
  fanOut,
  inFlight,
  burst,
  personal,
  batch,
  farDatabase,
  resumeStorm,
  connects,
  idle,
  inbox,
  growth,
]
