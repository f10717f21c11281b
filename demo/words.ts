// Who comes, and for what: from the summary of an event and its guests. Booking systems write
// "Skin fade - Zoë Martin", people write "Zoë: skin fade"; both are guesses, and both are said in a
// notification only.
import type { Attendee } from './event.ts'

const MAX_CHARS = 500
const SOMEBODY = 'A client'
const SOMETHING = 'appointment'

/** [NO2] `client_name` and `service`, never empty. `guests` are the attendees who do not work here. */
export function wordsOf(
  summary: string,
  guests: readonly Attendee[],
): { client: string; service: string } {
  const line = summary.replace(/\s+/g, ' ').trim()
  const guest = guests.find(({ name }) => name !== null && !name.includes('@'))?.name ?? null
  const { client, service } = guest === null ? split(line) : without(line, guest)
  return {
    client: (client || SOMEBODY).slice(0, MAX_CHARS),
    service: (service || SOMETHING).slice(0, MAX_CHARS),
  }
}

const DASH = /^(?<service>.+?)\s+[-–—·|]\s+(?<client>.+)$/
const COLON = /^(?<client>[^:]+):\s+(?<service>.+)$/
const WITH = /^(?<service>.+?)\s+(?:with|for|con|para)\s+(?<client>.+)$/i
const BRACKETS = /^(?<service>.+?)\s*\((?<client>[^()]+)\)$/

function split(line: string) {
  for (const form of [BRACKETS, DASH, COLON, WITH]) {
    const found = form.exec(line)?.groups
    if (found) return { client: found['client'] ?? '', service: found['service'] ?? '' }
  }
  return { client: '', service: line }
}

/** The service is what is left of the summary when the client's name is taken out. */
function without(line: string, client: string) {
  const at = line.toLowerCase().indexOf(client.toLowerCase())
  if (at < 0) {
    const parts = split(line)
    // "Skin fade - Zoë" and a guest "Zoë Martin" are the same person.
    const isSame = client.toLowerCase().startsWith(`${parts.client.toLowerCase()} `)
    return { client, service: parts.client !== '' && isSame ? parts.service : line }
  }
  const rest = `${line.slice(0, at)} ${line.slice(at + client.length)}`
  const service = rest
    .replace(/^[\s\-–—·|:,()]+|[\s\-–—·|:,()]+$/gu, '')
    .replace(/\s+(?:with|for|con|para)$/i, '')
  return { client, service }
}
