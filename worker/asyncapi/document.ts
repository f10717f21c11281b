// [CO7] The AsyncAPI document: what is said on a socket, both ways, from the schemas that parse and type the frames.
import type { GenericSchema } from 'valibot'
import { ClientFrame } from '../../protocol/client-frames.ts'
import { CLOSE_CODES } from '../../protocol/errors.ts'
import {
  FRAME_BURST,
  FRAMES_PER_SECOND,
  MAX_FRAME_BYTES,
  PING,
  PONG,
  STALE_INTERVALS,
} from '../../protocol/limits.ts'
import { ServerFrame } from '../../protocol/server-frames.ts'
import { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '../../protocol/version.ts'
import { SHARED, SHARED_TEXTS } from '../openapi/components.ts'
import { convert, reachable, refTo, type Schema } from '../openapi/json-schema.ts'
import { VERSION } from '../version.ts'
import { CLIENT_FRAMES, SERVER_FRAMES, type FrameDescription, type Stream } from './frames.ts'
import type { AsyncApi, Channel, Message } from './types.ts'

const DESCRIPTION = `What is said on Shopbell’s sockets. A text message is one frame, or an array of frames, of at most ${MAX_FRAME_BYTES} bytes, both ways; binary messages are bad frames.

A client frame may carry \`id\`; the answer is \`ok\` or \`error\` with that id in \`re\`. A bad frame is answered with \`error\` \`bad_frame\` and the socket lives; more than 10 in a minute end it. A burst of ${FRAME_BURST} frames, then ${FRAMES_PER_SECOND} a second; heartbeats do not count. A frame of a type that a client does not know, and a field that it does not know, are ignored.`

const CHANNELS = {
  own: {
    title: 'The own stream',
    description:
      'The caller’s inbox, from all of their locations. For people; `location` is not given.',
  },
  location: {
    title: 'The stream of a location',
    description:
      'Everything of one shop, and who is there. For its members, its displays (read only) and admins.',
  },
} as const satisfies Record<Stream, object>

/** What each channel's handshake takes (WS1). */
const QUERY: Record<string, Schema> = {
  device: { type: 'string', description: 'The client’s own stable id for one window or phone.' },
  epoch: { type: 'string', description: 'Resume: the stream’s epoch, from the last welcome.' },
  since: {
    type: 'integer',
    minimum: 0,
    description: 'Resume: the newest seq that the client has.',
  },
  token: { type: 'string', description: 'The access token, where subprotocols cannot be offered.' },
}

/** `notification_state` has its schema and its message under `NotificationState` plus `Frame`. */
export const frameName = (type: string) =>
  `${type
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}Frame`

interface Frame {
  name: string
  type: string
  from: 'client' | 'hub'
  schema: GenericSchema
  description: FrameDescription<unknown>
}

/** The options of a union by their type; a frame without a description does not compile (frames.ts). */
function framesOf(
  from: Frame['from'],
  options: readonly { entries: { type: { literal: string } } }[],
  descriptions: Record<string, FrameDescription<unknown>>,
): Frame[] {
  return options.map((schema) => {
    const type = schema.entries.type.literal
    const description = descriptions[type]
    if (description === undefined) throw new TypeError(`The frame ${type} is not described.`)
    return {
      name: frameName(type),
      type,
      from,
      schema: schema as unknown as GenericSchema,
      description,
    }
  })
}

const FRAMES: readonly Frame[] = [
  ...framesOf('client', ClientFrame.options, CLIENT_FRAMES),
  ...framesOf('hub', ServerFrame.options, SERVER_FRAMES),
]

const HEARTBEAT: Record<string, Message> = {
  ping: {
    name: 'ping',
    title: 'ping',
    summary: 'The heartbeat',
    description: `The text itself, without quotes. A socket that is silent for ${STALE_INTERVALS} intervals counts as gone.`,
    contentType: 'text/plain',
    payload: { type: 'string', const: PING },
    examples: [{ name: 'ping', payload: PING }],
  },
  pong: {
    name: 'pong',
    title: 'pong',
    summary: 'The answer to the heartbeat',
    description: 'It never wakes a hub. A client that misses it for 10 s reconnects.',
    contentType: 'text/plain',
    payload: { type: 'string', const: PONG },
    examples: [{ name: 'pong', payload: PONG }],
  },
}

/** Makes the document. */
export function buildAsyncApi(): AsyncApi {
  const frameSchemas = Object.fromEntries(FRAMES.map(({ name, schema }) => [name, schema]))
  const converted: Record<string, Schema> = convert({ ...SHARED, ...frameSchemas })
  const texts: Record<string, string> = SHARED_TEXTS
  const used = reachable(Object.keys(frameSchemas).map(refTo), converted)
  return {
    asyncapi: '3.0.0',
    info: { title: 'Shopbell sockets', version: VERSION, description: DESCRIPTION },
    defaultContentType: 'application/json',
    servers: {
      deployment: {
        host: '{host}',
        protocol: 'wss',
        description: 'Your deployment. In development `ws:` and `localhost:8787`.',
        variables: { host: { default: 'localhost:8787', description: 'Where Shopbell answers.' } },
        security: ['socketProtocol', 'socketQuery'].map((name) => ({
          $ref: `#/components/securitySchemes/${name}`,
        })),
      },
    },
    channels: { own: channelOf('own'), location: channelOf('location') },
    operations: operations(),
    components: {
      securitySchemes: {
        socketProtocol: {
          type: 'httpApiKey',
          in: 'header',
          name: 'Sec-WebSocket-Protocol',
          description: `\`${SUBPROTOCOL}, ${BEARER_SUBPROTOCOL_PREFIX}<access token>\`; the answer names \`${SUBPROTOCOL}\` only.`,
        },
        socketQuery: {
          type: 'httpApiKey',
          in: 'query',
          name: 'token',
          description: 'The access token.',
        },
      },
      messages: { ...HEARTBEAT, ...Object.fromEntries(FRAMES.map(messageOf)) },
      schemas: Object.fromEntries(
        [...used].toSorted().map((name) => {
          const text = texts[name]
          return [name, { ...(text !== undefined && { description: text }), ...converted[name] }]
        }),
      ),
    },
    'x-close-codes': Object.fromEntries(
      Object.entries(CLOSE_CODES).map(([code, { reason, retry }]) => [code, { reason, retry }]),
    ),
  }
}

function messageOf({ name, type, description: { summary, text, on, example } }: Frame) {
  const message: Message = {
    name: type,
    title: type,
    summary,
    ...(text !== undefined && { description: text }),
    contentType: 'application/json',
    payload: refTo(name),
    examples: [{ name: type, payload: example }],
    'x-streams': on,
  }
  return [name, message] as const
}

const onStream = (stream: Stream) =>
  FRAMES.filter(({ description }) => description.on.includes(stream))

function channelOf(stream: Stream): Channel {
  const location: Schema = { type: 'string', description: 'The id of the location.' }
  const names = [...Object.keys(HEARTBEAT), ...onStream(stream).map(({ name }) => name)]
  return {
    address: '/api/v1/ws',
    ...CHANNELS[stream],
    messages: Object.fromEntries(
      names.map((name) => [name, { $ref: `#/components/messages/${name}` }]),
    ),
    bindings: {
      ws: {
        method: 'GET',
        query: {
          type: 'object',
          properties: { ...(stream === 'location' && { location }), ...QUERY },
          ...(stream === 'location' && { required: ['location'] }),
        },
      },
    },
  }
}

/** The document speaks for the server: it receives what clients say, and sends what hubs say. */
function operations(): AsyncApi['operations'] {
  const all: AsyncApi['operations'] = {}
  for (const stream of ['own', 'location'] as const) {
    const channel = { $ref: `#/channels/${stream}` }
    const message = (name: string) => ({ $ref: `#/channels/${stream}/messages/${name}` })
    const key = (name: string) => `${stream}${name.charAt(0).toUpperCase()}${name.slice(1)}`
    all[key('ping')] = {
      action: 'receive',
      channel,
      summary: 'The heartbeat, every `heartbeat_interval_s` of the welcome',
      messages: [message('ping')],
      reply: { channel, messages: [message('pong')] },
    }
    for (const { name, from, description } of onStream(stream)) {
      if (from === 'hub') continue
      all[key(name)] = {
        action: 'receive',
        channel,
        summary: description.summary,
        messages: [message(name)],
        reply: { channel, messages: [message('OkFrame'), message('ErrorFrame')] },
      }
    }
    const said = onStream(stream).filter(({ from }) => from === 'hub')
    all[key('hubFrames')] = {
      action: 'send',
      channel,
      summary: 'What the hub says',
      messages: said.map(({ name }) => message(name)),
    }
  }
  return all
}
