// What a server may not have yet, and what nobody can see from outside.
import { check, type Check, type Chapter } from '../check.ts'

/** Asks for what a rule brings. The suite has no other checks for it: what answers is told, and not called kept. */
const probe = (rule: string, says: string, method: string, path: string, body?: object): Check =>
  check(rule, says, async (t) => {
    const { token } = (await t.shop()).staff
    const asked = { token, ...(body && { body }) }
    const { status } = await t.ask(method, `/api/v1${path}`, asked)
    if (status === 501) t.notBuilt()
    t.skip('this server has it; the suite has no checks for it yet')
  })

const unseen = (rule: string, says: string, why: string): Check =>
  check(rule, says, async (t) => t.skip(why))

const ID = '019e3f60-7a10-7c3e-8f5a-2b9d41c6e803'
const INSIDE = 'nothing of it can be seen from outside'

export const LATER: Chapter = {
  name: 'later',
  checks: [
    probe('AU9', 'displays', 'POST', '/locations/x/displays', {}),
    unseen('ST6', 'one alarm a hub, and no cost when idle', INSIDE),
    unseen('AR1', 'the log is the outbox', INSIDE),
    unseen('AR2', 'a late or repeated batch changes nothing', INSIDE),
    unseen('AR9', 'entries are kept RETENTION_DAYS', 'it takes longer than a run'),
    probe('IN2', 'snooze', 'PUT', `/notifications/${ID}/snoozed`, {}),
    probe('IN3', 'receipts', 'GET', `/notifications/${ID}/receipts`),
    probe('IN4', 'actions', 'PUT', `/notifications/${ID}/actions/yes`, {}),
    probe('RE1', 'push where nobody acknowledged', 'POST', '/push/test', {}),
    probe('RE2', 'preferences', 'GET', '/preferences'),
    probe('RE3', 'Web Push', 'GET', '/push/key'),
    probe('RE4', 'the trace of a notification', 'GET', `/notifications/${ID}/trace`),
    probe('TR2', 'channels', 'GET', '/locations/x/channels'),
    probe('TR3', 'typing', 'GET', '/channels/x/messages'),
    probe('TR4', 'read receipts of channels', 'GET', '/channels/x/messages'),
    probe('TR5', 'encrypted channels', 'GET', '/channels/x/messages'),
    probe('TR6', 'what was written offline is sent once', 'POST', '/channels/x/messages', {}),
    unseen('OP3', 'a wrong setting is refused at start', INSIDE),
  ],
}
