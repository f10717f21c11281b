// One line of JSON for each thing that went wrong. In logs stand ids, never names, and never a token (AU5).

/** Three parts of base64url with dots: however a token got into a message, it does not get out. */
const TOKEN = /[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g
const MAX_MESSAGE = 300

/** Logs a failure: what failed, where in the code, and what ids belong to it. */
export function logFailure(event: string, error: unknown, ids: Record<string, unknown> = {}): void {
  console.error(JSON.stringify({ level: 'error', event, ...ids, ...describe(error) }))
}

function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error }
  // A failed query's message holds its parameters, and so people's names; its cause says what D1 said.
  const told = error.message.startsWith('Failed query') ? error.cause : error
  const message = told instanceof Error ? told.message : ''
  return {
    error: error.name,
    message: message.replaceAll(TOKEN, '<token>').slice(0, MAX_MESSAGE),
    at: (error.stack ?? '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('at '))
      .slice(0, 4),
  }
}
