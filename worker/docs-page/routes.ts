// The routes of the page, from the OpenAPI document alone.
import { html } from 'hono/html'
import { TAGS } from '../openapi/description.ts'
import type {
  AccessRow,
  MediaType,
  OpenApi,
  Operation,
  Parameter,
  Reference,
  ResponseObject,
} from '../openapi/types.ts'
import {
  example,
  fields,
  inline,
  MUST,
  nameOfRef,
  NOTHING,
  paragraphs,
  table,
  typeWords,
  type Html,
} from './html.ts'

export interface Route {
  method: string
  path: string
  operation: Operation
}

/** The routes by the tag that they stand under, in the order of the tags. */
export function routesByTag({ paths }: OpenApi): [tag: string, routes: Route[]][] {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Route => ({ method, path, operation })),
  )
  return Object.keys(TAGS).map((tag) => [
    tag,
    routes.filter(({ operation }) => operation.tags.includes(tag)),
  ])
}

/** One section per tag. What is not built yet is only listed. */
export function routeSections(document: OpenApi): Html {
  return html`${routesByTag(document).map(([tag, routes]) => {
    const text = document.tags.find(({ name }) => name === tag)?.description ?? ''
    const shown =
      tag === 'later'
        ? html`<ul class="later">
            ${routes.map(({ method, path }) => html`<li><code>${method.toUpperCase()} ${path}</code></li>`)}
          </ul>`
        : html`${routes.map((route) => routeCard(document, route))}`
    return html`<section id="tag-${tag}">
      <h2>${title(tag)}</h2>
      <p>${inline(text)}</p>
      ${shown}
    </section>`
  })}`
}

export const title = (tag: string) => tag.charAt(0).toUpperCase() + tag.slice(1)

function routeCard(document: OpenApi, { method, path, operation }: Route): Html {
  const { operationId, summary, description, parameters, requestBody, responses } = operation
  const body = requestBody?.content['application/json']
  return html`<details class="card">
    <summary>
      <span class="verb ${method}">${method.toUpperCase()}</span><code>${path}</code
      ><span class="what">${inline(summary)}</span>
    </summary>
    <div class="body" id="${operationId}">
      ${paragraphs(description)}${access(operation)}${parameterTable(parameters)}
      ${
        body === undefined
          ? NOTHING
          : html`<div>
              <h3>Body${requestBody?.required ? '' : ', optional'}</h3>
              ${content(document, body)}
            </div>`
      }
      ${answers(document, responses)}${failures(document, responses)}
    </div>
  </details>`
}

function access({ security, 'x-access': rows }: Operation): Html {
  if (rows === undefined) {
    // An empty requirement among others: credentials are taken, not asked for.
    const isPublic =
      security.length === 0 || security.some((scheme) => Object.keys(scheme).length === 0)
    return html`<div>
      <h3>Who may</h3>
      <p>${isPublic ? 'Everybody; no token is asked for.' : 'Whoever is signed in.'}</p>
    </div>`
  }
  const who = ['admin', 'manager', 'staff', 'service', 'display']
  const line = (row: AccessRow) => [html`${row.rule}`, ...who.map((one) => cell(row[one]))]
  return html`<div>
    <h3>Who may</h3>
    ${table(['For', ...who], rows.map(line))}
  </div>`
}

const CELLS: Record<string, string> = {
  none: '–',
  any: 'anywhere',
  own: 'at own locations',
  self: 'what is their own',
}

/** A cell of the table of permissions; what is not a word of it is a scope. */
function cell(value = 'none'): Html {
  const word = CELLS[value]
  return word === undefined ? html`<code>${value}</code>` : html`${word}`
}

function parameterTable(parameters: readonly Parameter[]): Html {
  if (parameters.length === 0) return NOTHING
  const rows = parameters.map(
    ({ name, in: place, description, required, schema, content: inner, example: value }) => {
      const meant = schema ?? inner?.['application/json']?.schema ?? {}
      const shown = value === undefined ? NOTHING : html` Example: <code>${String(value)}</code>`
      return [
        html`<code>${name}</code>${required ? MUST : NOTHING}`,
        html`${place}`,
        html`<span class="type">${typeWords(meant)}</span><br />${inline(description)}${shown}`,
      ]
    },
  )
  return html`<div>
    <h3>Parameters</h3>
    ${table(['Name', 'In', 'Value'], rows)}
  </div>`
}

function content({ components }: OpenApi, { schema, examples = {} }: MediaType): Html {
  const name = schema.$ref === undefined ? undefined : nameOfRef(schema.$ref)
  const shown = Object.values(examples).map(({ summary, value }) => example(summary, value))
  return html`${name === undefined ? NOTHING : html`<p>${typeWords(schema)}</p>`}
  ${fields(name === undefined ? schema : (components.schemas[name] ?? {}))} ${shown}`
}

const resolve = ({ components }: OpenApi, response: ResponseObject | Reference): ResponseObject =>
  '$ref' in response
    ? (components.responses[nameOfRef(response.$ref)] ?? { description: '' })
    : response

const isFailure = (status: string) => Number(status) >= 400

function answers(document: OpenApi, responses: Operation['responses']): Html {
  const shown = Object.entries(responses).filter(([status]) => !isFailure(status))
  return html`<div>
    <h3>Answers</h3>
    ${shown.map(([status, response]) => {
      const { description, content: inner } = resolve(document, response)
      const [type, media] = Object.entries(inner ?? {})[0] ?? []
      const named = media?.schema.$ref === undefined ? html`${type ?? ''}` : typeWords(media.schema)
      const examples = Object.values(media?.examples ?? {})
      return html`<div>
        <p><strong>${status}</strong> ${inline(description)} ${named}</p>
        ${examples.map(({ value }) => example('Example', value))}
      </div>`
    })}
  </div>`
}

function failures(document: OpenApi, responses: Operation['responses']): Html {
  const shown = Object.entries(responses).filter(([status]) => isFailure(status))
  const lines = shown.map(
    ([status, response]) =>
      html`<li><strong>${status}</strong> ${inline(resolve(document, response).description)}</li>`,
  )
  return html`<div>
    <h3>Errors</h3>
    <ul class="plain">
      ${lines}
    </ul>
  </div>`
}
