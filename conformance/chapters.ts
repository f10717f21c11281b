// All that the suite checks. The longest come first, so that nothing long is left to the end.
import type { Chapter } from './check.ts'
import { AUDIENCE } from './rules/audience.ts'
import { CONVENTIONS } from './rules/conventions.ts'
import { FAULTS } from './rules/faults.ts'
import { FRAMES } from './rules/frames.ts'
import { HOUSE } from './rules/house.ts'
import { INBOX } from './rules/inbox.ts'
import { KEYS } from './rules/keys.ts'
import { LATER } from './rules/later.ts'
import { LIFE } from './rules/life.ts'
import { LISTS } from './rules/lists.ts'
import { NOTIFICATIONS } from './rules/notifications.ts'
import { PAGES } from './rules/pages.ts'
import { PERMISSIONS } from './rules/permissions.ts'
import { STREAMS } from './rules/streams.ts'
import { TOKENS } from './rules/tokens.ts'
import { UPGRADES } from './rules/upgrades.ts'

export const CHAPTERS: readonly Chapter[] = [
  LIFE,
  INBOX,
  HOUSE,
  AUDIENCE,
  NOTIFICATIONS,
  UPGRADES,
  STREAMS,
  PERMISSIONS,
  FRAMES,
  LISTS,
  TOKENS,
  CONVENTIONS,
  KEYS,
  PAGES,
  LATER,
  FAULTS,
]
