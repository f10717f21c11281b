// Who this window is.
import { Avatar } from '../components/avatar.tsx'
import { ConnectionBadge, ConnectionNote } from '../components/connection.tsx'
import { Leaving } from '../components/leaving.tsx'
import { clock } from '../format/times.ts'
import { useApp, useViewer, useWords } from '../hooks/use-app.ts'
import { usePageHeading } from '../hooks/use-page-heading.ts'

export function MePage() {
  const { me } = useApp()
  const words = useWords()
  const heading = usePageHeading()
  return (
    <div class="sheet">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {words.me.title}
        </h1>
        <ConnectionBadge />
      </header>
      <div class="me-card">
        <Avatar name={me.name} />
        <div>
          <h2>{me.name}</h2>
          {me.role === 'admin' && <p class="soft">{words.me.admin}</p>}
        </div>
      </div>
      <Shops />
      <ConnectionNote />
      <Leaving />
    </div>
  )
}

function Shops() {
  const { me } = useApp()
  const words = useWords().me
  const memberships = Object.entries(me.memberships)
  return (
    <section class="block" aria-labelledby="my-shops">
      <h3 id="my-shops">{words.shops}</h3>
      {memberships.length === 0 && <p>{me.role === 'admin' ? words.noShops : words.notInShop}</p>}
      <ul role="list">
        {memberships.map(([id, role]) => (
          <li key={id} class="place">
            <span>
              <ShopName id={id} />
            </span>
            <span class="soft">{words[role]}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The shop's clock stands beside its name where it differs from this one. */
function ShopName({ id }: { id: string }) {
  const shop = useApp().directory.shops.value.get(id)
  const viewer = useViewer()
  const words = useWords().me
  if (!shop) return <>{id}</>
  const there = clock(viewer.now, shop.time_zone, viewer.locale)
  const isSame = there === clock(viewer.now, viewer.zone, viewer.locale)
  return (
    <>
      {shop.name}
      {!isSame && <small class="soft tabular"> · {words.localTime(there)}</small>}
    </>
  )
}
