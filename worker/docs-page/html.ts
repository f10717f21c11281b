// Small parts of the page. `html` escapes what it is given, so no text of a document becomes markup.
import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { Schema } from '../openapi/json-schema.ts'

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

export const NOTHING = html``
export const MUST = html`<span class="must">required</span>`

/** Plain words with `code` in them. */
export const inline = (text: string): Html =>
  html`${text.split('`').map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))}`

/** The paragraphs of a description. */
export const paragraphs = (text: string | undefined): Html =>
  text === undefined
    ? NOTHING
    : html`${text.split('\n\n').map((part) => html`<p>${inline(part)}</p>`)}`

export const json = (value: unknown): Html =>
  html`<pre tabindex="0"><code>${JSON.stringify(value, null, 2)}</code></pre>`

/** An example that opens where it stands. */
export const example = (title: string, value: unknown): Html =>
  html`<details class="example">
    <summary>${title}</summary>
    ${json(value)}
  </details>`

/** Cells in the order of the heads; where the window is narrow, each says under which head it stands. */
export const table = (heads: readonly string[], rows: readonly (readonly Html[])[]): Html => {
  const row = (cells: readonly Html[]) =>
    html`<tr>
      ${cells.map((cell, index) => html`<td data-head="${heads[index] ?? ''}"><div>${cell}</div></td>`)}
    </tr>`
  return html`<table>
    <thead>
      <tr>
        ${heads.map((head) => html`<th scope="col">${head}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(row)}
    </tbody>
  </table>`
}

export const nameOfRef = (ref: string) => ref.slice(ref.lastIndexOf('/') + 1)

/** The type of a value in a few words: `text, 1 to 64 characters`. */
export function typeWords(schema: Schema): Html {
  if (schema.$ref !== undefined) {
    const name = nameOfRef(schema.$ref)
    return html`<a href="#schema-${name}">${name}</a>`
  }
  const options = schema.anyOf ?? (schema.properties ? undefined : schema.oneOf)
  if (options !== undefined) {
    return html`${options.map((option, index) => html`${index > 0 ? ' or ' : ''}${typeWords(option)}`)}`
  }
  if (schema.items !== undefined)
    return html`list of ${typeWords(schema.items)}${range(schema.minItems, schema.maxItems, '')}`
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`
  if (schema.enum !== undefined) {
    return html`${schema.enum.map((one, index) => html`${index > 0 ? ', ' : ''}<code>${String(one)}</code>`)}`
  }
  if (
    typeof schema.additionalProperties === 'object' &&
    Object.keys(schema.additionalProperties).length > 0
  ) {
    return html`map of ${typeWords(schema.additionalProperties)}`
  }
  return html`${baseWord(schema)}${range(schema.minLength, schema.maxLength, ' characters')}${range(schema.minimum, schema.maximum, '')}${schema.pattern === undefined ? '' : html`, <code>${schema.pattern}</code>`}`
}

const WORDS: Record<string, string> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
  'date-time': 'time',
}

const baseWord = ({ type, format }: Schema) => {
  const word = format ?? (typeof type === 'string' ? type : 'anything')
  return WORDS[word] ?? word
}

function range(from: number | undefined, to: number | undefined, unit: string): string {
  const isOpen = to === undefined || to >= Number.MAX_SAFE_INTEGER
  if (from === undefined && isOpen) return ''
  if (isOpen) return `, at least ${from}${unit}`
  return from === undefined ? `, at most ${to}${unit}` : `, ${from} to ${to}${unit}`
}

/** The fields of an object, one level of what stands inside it included. */
export function fields(schema: Schema): Html {
  const rows = rowsOf(schema, '')
  if (rows.length > 0) return table(['Field', 'Value'], rows)
  const options = (schema.oneOf ?? schema.anyOf ?? []).filter(({ properties }) => properties)
  if (options.length === 0) return html`<p>${typeWords(schema)}</p>`
  return html`${options.map((option, index) => html`${index > 0 ? html`<p>or</p>` : NOTHING}${fields(option)}`)}`
}

function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): Html[][] {
  return Object.entries(properties).flatMap(([name, inner]) => {
    const must = required.includes(name) ? MUST : NOTHING
    const words = inner.properties === undefined ? typeWords(inner) : html`object`
    const text =
      inner.description === undefined ? NOTHING : html`<br />${inline(inner.description)}`
    const cells = [
      html`<code>${prefix}${name}</code>${must}`,
      html`<span class="type">${words}</span>${text}`,
    ]
    return [cells, ...(prefix === '' ? rowsOf(inner, `${name}.`) : [])]
  })
}
