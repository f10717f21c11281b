// Every frame of both unions, described. One that is missing here does not compile.
import type { ClientFrame } from '../../protocol/client-frames.ts'
import { FRAME_BURST, FRAMES_PER_SECOND, MAX_FRAME_BYTES } from '../../protocol/limits.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import {
  BOOKING,
  EXAMPLE_ENTRY,
  EXAMPLE_EPOCH,
  EXAMPLE_NOTIFICATION,
} from '../openapi/describe/examples.ts'

/** `own`: a person's own stream, `location`: that of a location. */
export type Stream = 'own' | 'location'

export interface FrameDescription<Frame> {
  summary: string
  text?: string
  on: readonly Stream[]
  example: Frame
}

const BOTH = ['own', 'location'] as const
const OWN = ['own'] as const

const LOGGED = 'It has a `seq`: it is kept, and replayed to who resumes below it.'

type ClientFrames = {
  [Type in ClientFrame['type']]: FrameDescription<Extract<ClientFrame, { type: Type }>>
}

export const CLIENT_FRAMES: ClientFrames = {
  ack: {
    summary: 'I have everything up to here',
    text: 'At most once a second, when there is something new. A seq above the head is a bad frame.',
    on: BOTH,
    example: { type: 'ack', seq: 0 },
  },
  auth: {
    summary: 'Here is a fresh token',
    text: 'Of the same subject; the socket goes on with the new token’s rights.',
    on: BOTH,
    example: { type: 'auth', id: 'a1', token: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJiZW4ifQ.c2ln' },
  },
  state: {
    summary: 'I am on the screen, or not',
    text: 'A socket counts as visible until it says otherwise.',
    on: BOTH,
    example: { type: 'state', id: 's1', visible: false },
  },
  seen: {
    summary: 'The inbox was open on everything up to here',
    on: OWN,
    example: { type: 'seen', id: 's2', up_to: { 'location:downtown': 1 } },
  },
  read: {
    summary: 'These were read',
    on: OWN,
    example: { type: 'read', id: 'r1', notification_ids: [EXAMPLE_ENTRY] },
  },
  subscribe: {
    summary: 'Send me live events of this type',
    text: 'For this socket; it survives hibernation. `performance_updates` needs a manager.',
    on: BOTH,
    example: { type: 'subscribe', id: 'e1', event_type: 'appointment_updates' },
  },
  unsubscribe: {
    summary: 'No more of them',
    on: BOTH,
    example: { type: 'unsubscribe', id: 'e2', event_type: 'appointment_updates' },
  },
}

type ServerFrames = {
  [Type in ServerFrame['type']]: FrameDescription<Extract<ServerFrame, { type: Type }>>
}

export const SERVER_FRAMES: ServerFrames = {
  welcome: {
    summary: 'The first frame on every socket',
    text: '`seq` is the head. With `recovered: true` every entry above `since` follows; with `false` none does, and the client takes a snapshot over REST. `memberships` and `heads` come on the own stream, `presence` on a location’s. A newer `epoch` than the client knew means: drop what you have of this stream.',
    on: BOTH,
    example: {
      type: 'welcome',
      protocol: 1,
      stream: 'user:ben',
      epoch: EXAMPLE_EPOCH,
      seq: 7,
      recovered: true,
      connection_id: '019e3f60-2f40-7aa1-bd0e-5a3c1f7e9b21',
      heartbeat_interval_s: 30,
      limits: {
        max_frame_bytes: MAX_FRAME_BYTES,
        burst: FRAME_BURST,
        per_second: FRAMES_PER_SECOND,
      },
      reconnect: { min_ms: 500, max_ms: 30_000, max_attempts: 10 },
      server_time: '2026-11-20T09:00:00.000Z',
      memberships: { downtown: 'staff' },
      heads: { 'location:downtown': { epoch: EXAMPLE_EPOCH, seq: 42 } },
    },
  },
  notification: {
    summary: 'A notification',
    text: `${LOGGED} \`data\` names its home \`stream\` and \`seq\`; on the own stream the frame’s \`seq\` is that stream’s.`,
    on: BOTH,
    example: { type: 'notification', seq: 8, data: EXAMPLE_NOTIFICATION },
  },
  notification_state: {
    summary: 'Somebody did something with entries',
    text: `${LOGGED} It names entries by \`notification_ids\`, or everything up to a seq per stream by \`up_to\`.`,
    on: BOTH,
    example: {
      type: 'notification_state',
      seq: 9,
      data: {
        notification_ids: [EXAMPLE_ENTRY],
        state: 'read',
        at: '2026-11-20T09:13:02.000Z',
        stream: 'user:ben',
        seq: 9,
      },
    },
  },
  ok: {
    summary: 'The frame that carried this id was taken',
    on: BOTH,
    example: { type: 'ok', re: 's1' },
  },
  error: {
    summary: 'The frame was refused; the socket lives',
    text: '`code` is one of the table of errors. With `temporary: true` the same frame may be sent again after `retry_after_ms`.',
    on: BOTH,
    example: {
      type: 'error',
      re: 'a1',
      code: 'unauthorized',
      message: 'The access token is not valid.',
      temporary: false,
    },
  },
  presence: {
    summary: 'Who is here',
    text: 'Changes come as a list, at most once a second.',
    on: ['location'],
    example: {
      type: 'presence',
      data: [{ user_id: 'ana', status: 'away', last_seen: '2026-11-20T09:10:00.000Z' }],
    },
  },
  event: {
    summary: 'A live event that this socket subscribed to',
    text: 'Stored nowhere, never repeated.',
    on: BOTH,
    example: {
      type: 'event',
      event_type: 'appointment_updates',
      data: { day: BOOKING.data.time.slice(0, 10) },
    },
  },
  membership: {
    summary: 'The caller’s own membership changed',
    text: '`role: null` is the end of it. The client takes a new snapshot.',
    on: OWN,
    example: { type: 'membership', data: { location_id: 'downtown', role: 'manager' } },
  },
  auth_expiring: {
    summary: 'The token runs out',
    text: '60 s before, if the hub is awake: answer with `auth`.',
    on: BOTH,
    example: { type: 'auth_expiring', at: '2026-11-20T09:15:00.000Z' },
  },
  bye: {
    summary: 'The hub is about to close the socket',
    text: 'With the close code, and whether to come back. The close itself may come late.',
    on: BOTH,
    example: { type: 'bye', code: 4001, reason: 'going_away', retry: true, retry_after_ms: 1_000 },
  },
}
