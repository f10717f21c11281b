/**
 * Runs `stop` once at the first request to end, and ends with its outcome. Nobody else listens:
 * Miniflare would end the process at once, in the middle of `stop`.
 */
export function onShutdown(stop: () => Promise<void>): void {
  let stopping = false
  const end = () => {
    if (stopping) return
    stopping = true
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(signal).on(signal, end)
  }
}
