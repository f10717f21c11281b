// Log lines of hubs: one JSON object each; ids, never names, tokens or texts (NO1, AU5).

/** `cause` is an error's message only, cut short: a stack or a statement does not belong in a log. */
export function logLine(
  event: string,
  fields: Record<string, string | number>,
  cause?: unknown,
): void {
  const message = cause instanceof Error ? cause.message.slice(0, 200) : undefined
  console.warn(JSON.stringify({ event, ...fields, ...(message !== undefined && { message }) }))
}
