import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export const inRoot = (...parts: string[]): string => join(ROOT, ...parts)

/** What builds leave behind to know whether their sources changed. */
export const CACHE_DIR = inRoot('node_modules', '.cache', 'shopbell')
