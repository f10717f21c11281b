// Red is for what is urgent, and it says so in a word too.
import Alert from '~icons/lucide/triangle-alert'
import type { Priority } from '../../protocol/notification-types.ts'
import { useWords } from '../hooks/use-app.ts'

export function Urgent({ priority }: { priority: Priority }) {
  const words = useWords()
  if (priority !== 'urgent') return null
  return (
    <span class="urgent">
      <Alert width={14} height={14} />
      {words.priority.urgent}
    </span>
  )
}
