import { spawn } from 'node:child_process'

/**
 * Ends `target` (a process id, or a negative process group) when this process is gone, however it
 * went: a kill -9 leaves no chance to clean up, and an orphaned workerd would hold port and storage.
 * The watcher waits on a pipe that the system closes for us. Call the answer after a clean end.
 */
export function dieTogether(target: number): () => void {
  const watcher = spawn('/bin/sh', ['-c', 'read -r _ || kill -9 "$0"', String(target)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // In a group of its own, or a kill of our whole group would take the watcher first.
    detached: true,
  })
  watcher.unref()
  return () => watcher.stdin.end('done\n')
}
