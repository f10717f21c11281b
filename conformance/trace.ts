// What was said in one check, so that a broken rule can be shown with what was sent and what came.
import { shown } from './outcome.ts'

const KEPT = 400

/** Tokens and secrets go to nobody's log. */
export const redacted = (text: string): string =>
  text
    .replaceAll(/eyJ[\w-]+\.[\w-]*\.?[\w-]*/g, '<token>')
    .replaceAll(/("(?:client_secret|subject_token|token)":\s*")[^"]*"/g, '$1<secret>"')
    .replaceAll(/shopbell_(sk|refresh=)[\w.-]+/g, '<secret>')

export class Trace {
  #lines: string[] = []

  said(who: '→' | '←', text: string): void {
    this.#lines.push(`${who} ${shown(redacted(text))}`)
    if (this.#lines.length > KEPT) this.#lines.shift()
  }

  /** The newest, oldest first. */
  last(count: number): string[] {
    return this.#lines.slice(-count)
  }
}
