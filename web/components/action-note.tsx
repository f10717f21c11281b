// What a person did and what did not hold. It goes when something works again, or when told to.
import { useState } from 'preact/hooks'
import Close from '~icons/lucide/x'
import { useNotifications } from '../../client/preact.ts'
import type { ShopbellError } from '../../client/index.ts'
import { useWords } from '../hooks/use-app.ts'

export function ActionNote() {
  const { error, status } = useNotifications()
  const words = useWords()
  const [put, setPut] = useState<ShopbellError | null>(null)
  // A list that could not be loaded says so in its own place.
  const isAboutList = status === 'failed' || status === 'loading'
  if (error === null || error === put || isAboutList) return null
  return (
    <div class="note note-bad" role="alert">
      <span>
        {error.code === 'outbox_full' ? words.inbox.fullFailed : words.inbox.actionFailed}
      </span>
      <button
        type="button"
        class="button button-quiet button-icon"
        aria-label={words.close}
        onClick={() => setPut(error)}
      >
        <Close width={20} height={20} />
      </button>
    </div>
  )
}
