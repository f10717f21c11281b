// [CO7] Both documents as one page: static, without a script, with one style sheet of this host. It knows nothing that the
// documents do not say, except the table of errors.
import { html } from 'hono/html'
import { ERRORS } from '../../protocol/errors.ts'
import {
  NOTIFICATION_TYPES,
  typeRow,
  type NotificationType,
} from '../../protocol/notification-types.ts'
import { buildAsyncApi } from '../asyncapi/document.ts'
import type { AsyncApi, Message } from '../asyncapi/types.ts'
import { buildOpenApi } from '../openapi/document.ts'
import type { Schema } from '../openapi/json-schema.ts'
import { dataName } from '../openapi/sends.ts'
import type { OpenApi } from '../openapi/types.ts'
import {
  example,
  fields,
  inline,
  nameOfRef,
  NOTHING,
  paragraphs,
  table,
  type Html,
} from './html.ts'
import { routeSections, routesByTag, title } from './routes.ts'

/** The page, as text. What a link leads to lies inside its card: following the link opens the card, without a script. */
export async function renderDocs(): Promise<string> {
  const rest = buildOpenApi()
  const sockets = buildAsyncApi()
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Shopbell API</title>
        <link rel="icon" href="/bell.svg" />
        <link rel="stylesheet" href="/docs/style.css" />
      </head>
      <body>
        <a class="skip" href="#content">To the content</a>
        <div class="frame">
          <header>
            <h1>Shopbell API</h1>
            ${paragraphs(rest.info.description)}
            <ul class="documents">
              <li><a href="/api/v1/openapi.json">OpenAPI 3.1</a></li>
              <li><a href="/api/v1/asyncapi.json">AsyncAPI 3.0</a></li>
              <li>Version ${rest.info.version}</li>
            </ul>
          </header>
          <div class="columns">
            ${sideBar(rest, sockets)}
            <main id="content">
              ${routeSections(rest)} ${typeSection(rest)} ${frameSection(sockets)}
              ${closeSection(sockets)} ${errorSection()}
              ${schemaSection({ ...sockets.components.schemas, ...rest.components.schemas })}
            </main>
          </div>
        </div>
      </body>
    </html>`
  return String(page)
}

const SECTIONS = {
  types: 'Types of notification',
  frames: 'Frames',
  'close-codes': 'Close codes',
  errors: 'Errors',
  schemas: 'Schemas',
} as const

function sideBar(rest: OpenApi, { components }: AsyncApi): Html {
  const groups = routesByTag(rest).filter(([tag]) => tag !== 'later')
  const link = (id: string, text: string) => html`<li><a href="#${id}">${text}</a></li>`
  return html`<nav aria-label="Contents">
    <div class="side" tabindex="0">
      ${groups.map(
        ([tag, routes]) =>
          html`<h2>${title(tag)}</h2>
            <ul>
              ${routes.map(({ operation }) => link(operation.operationId, operation.summary))}
            </ul>`,
      )}
      <h2>Frames</h2>
      <ul>
        ${Object.entries(components.messages).map(([name, message]) => link(`frame-${name}`, message.title))}
      </ul>
      <h2>Tables</h2>
      <ul>
        ${Object.entries(SECTIONS).map(([id, text]) => link(id, text))}${link('tag-later', 'Not built yet')}
      </ul>
    </div>
  </nav>`
}

/** [NO2] */
function typeSection({ components }: OpenApi): Html {
  const rows = (Object.keys(NOTIFICATION_TYPES) as NotificationType[]).map((type) => {
    const { priority, required, managersOnly } = typeRow(type)
    const name = dataName(type)
    const named = Object.keys(components.schemas[name]?.properties ?? {}).join(', ')
    const needs = named === '' ? NOTHING : html`<a href="#schema-${name}"><code>${named}</code></a>`
    const also = required === undefined ? '' : ` \`${required}\` is required.`
    const to = managersOnly
      ? 'At a location its managers, unless `roles` says otherwise.'
      : 'Whom it is sent to.'
    return [
      html`<code>${type}</code>`,
      html`${needs}${inline(also)}`,
      html`${priority}`,
      html`${inline(to)}`,
    ]
  })
  return html`<section id="types">
    <h2>${SECTIONS.types}</h2>
    ${table(['Type', 'data', 'Priority', 'Who gets it'], rows)}
  </section>`
}

function frameSection(sockets: AsyncApi): Html {
  const { info, channels, components } = sockets
  const fromClients = clientMessages(sockets)
  const streams = Object.values(channels).map(
    ({ title: name, description }) =>
      html`<li><strong>${name}.</strong> ${inline(description)}</li>`,
  )
  return html`<section id="frames">
    <h2>${SECTIONS.frames}</h2>
    ${paragraphs(info.description)}
    <ul class="plain">
      ${streams}
    </ul>
    ${Object.entries(components.messages).map(([name, message]) => frameCard(name, message, { isClient: fromClients.has(name), schemas: components.schemas }))}
  </section>`
}

/** The names of what clients say: the server receives it. */
const clientMessages = ({ operations }: AsyncApi): Set<string> =>
  new Set(
    Object.values(operations)
      .filter(({ action }) => action === 'receive')
      .flatMap(({ messages }) => messages.map(({ $ref }) => nameOfRef($ref))),
  )

const STREAMS = ['own', 'location'] as const
const WHERE = { own: 'On the own stream.', location: 'On the stream of a location.' } as const

function frameCard(
  name: string,
  message: Message,
  { isClient, schemas }: { isClient: boolean; schemas: Record<string, Schema> },
): Html {
  const { payload, summary, description, examples } = message
  const schema = payload.$ref === undefined ? payload : (schemas[nameOfRef(payload.$ref)] ?? {})
  const on = (message['x-streams'] ?? STREAMS).map((stream) => WHERE[stream]).join(' ')
  return html`<details class="card">
    <summary>
      <span class="verb ${isClient ? 'client' : 'hub'}">${isClient ? 'CLIENT' : 'HUB'}</span
      ><code>${message.title}</code><span class="what">${inline(summary)}</span>
    </summary>
    <div class="body" id="frame-${name}">
      ${paragraphs(description)}
      <p>${on}</p>
      <div>
        <h3>Fields</h3>
        ${fields(schema)}
      </div>
      <div>${examples.map(({ payload: value }) => example('Example', value))}</div>
    </div>
  </details>`
}

const COME_BACK: Record<string, string> = {
  soon: 'Soon, with back-off, and resume.',
  after_refresh: 'With a fresh token.',
  slowly: 'Slowly.',
  never: 'Not by yourself.',
}

/** [WS8] */
function closeSection(sockets: AsyncApi): Html {
  const rows = Object.entries(sockets['x-close-codes']).map(([code, { reason, retry }]) => [
    html`<code>${code}</code>`,
    html`<code>${reason}</code>`,
    html`${COME_BACK[retry] ?? retry}`,
  ])
  return html`<section id="close-codes">
    <h2>${SECTIONS['close-codes']}</h2>
    <p>
      Before it closes, a hub sends <code>bye</code>. 4000 to 4499: come back. 4500 to 4999: do not
      come back by yourself.
    </p>
    ${table(['Code', 'Reason', 'Come back'], rows)}
  </section>`
}

const REACTIONS = {
  fix: 'The request is wrong: do not send it again unchanged.',
  reauth: 'Get a new access token, then send again.',
  retry: 'Send again after Retry-After or a back-off.',
  forget: 'It is not there for this caller: drop it.',
  stop: 'This caller may not do this.',
} as const

/** [CO3] */
function errorSection(): Html {
  const rows = Object.entries(ERRORS).map(([code, { status, title: text, client }]) => [
    html`<code>${code}</code>`,
    html`${status}`,
    html`${text}`,
    html`${REACTIONS[client]}`,
  ])
  return html`<section id="errors">
    <h2>${SECTIONS.errors}</h2>
    ${table(['Code', 'Status', 'Title', 'What a program does'], rows)}
  </section>`
}

function schemaSection(schemas: Record<string, Schema>): Html {
  const cards = Object.entries(schemas)
    .filter(([name]) => !name.endsWith('Frame'))
    .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
    .map(
      ([name, schema]) =>
        html`<details class="card">
          <summary>
            <span class="verb">{ }</span><code>${name}</code
            ><span class="what">${inline(schema.description ?? '')}</span>
          </summary>
          <div class="body" id="schema-${name}">${fields(schema)}</div>
        </details>`,
    )
  return html`<section id="schemas">
    <h2>${SECTIONS.schemas}</h2>
    ${cards}
  </section>`
}
