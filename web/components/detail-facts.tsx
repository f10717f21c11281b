// Under the message: what the data says, who sent it, where and when.
import type { InboxEntry } from '../../client/types.ts'
import type { Notification } from '../../protocol/notification.ts'
import { parseStream } from '../../protocol/ids.ts'
import { factsOf, sentWords, type Fact } from '../format/facts.ts'
import type { Messages } from '../messages/en.ts'
import { useApp, useViewer, useWords } from '../hooks/use-app.ts'

/** Services are other programs; the shop knows only one of them, its booking system. */
const SERVICE = 'service:'

function senderName(sender: string, names: ReadonlyMap<string, string>, words: Messages) {
  if (sender.startsWith(SERVICE)) return words.detail.bookingSystem
  return names.get(sender) ?? sender
}

/** The shop that an entry is about: its own field, else the stream it was written in. */
function shopIdOf(entry: Pick<Notification, 'location_id' | 'stream'>) {
  if (entry.location_id !== null) return entry.location_id
  const home = parseStream(entry.stream)
  return home.kind === 'location' ? home.id : null
}

export function DetailFacts({ entry }: { entry: InboxEntry }) {
  const { me, directory } = useApp()
  const words = useWords()
  const viewer = useViewer()
  const shopId = shopIdOf(entry)
  const shop = shopId === null ? undefined : directory.shops.value.get(shopId)
  const names = new Map(directory.names.value).set(me.id, me.name)
  const facts: Fact[] = [
    ...factsOf(entry, { shop, viewer, words }),
    {
      key: 'sender',
      label: words.detail.from,
      value: senderName(entry.sender, names, words),
    },
    ...(shopId === null
      ? []
      : [{ key: 'shop', label: words.detail.shop, value: shop?.name ?? shopId }]),
    { key: 'sent', label: words.detail.at, value: sentWords(entry, viewer) },
  ]
  return (
    <dl class="facts">
      {facts.map((fact) => (
        <div key={fact.key}>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  )
}
