// The send form is a file of its own: most phones are a staff member's, and never need it.
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useWords } from '../hooks/use-app.ts'

type State = { name: 'loading' } | { name: 'failed' } | { name: 'here'; Page: ComponentType }

/** Asked for ahead of time by whoever may send, so that the tab opens at once. */
export const loadSendPage = () => import('../pages/send-page.tsx')

export function SendPageLater() {
  const [state, setState] = useState<State>({ name: 'loading' })
  const words = useWords()
  useEffect(() => {
    let isCurrent = true
    const show = (next: State) => (isCurrent ? setState(next) : undefined)
    loadSendPage().then(
      ({ SendPage }) => show({ name: 'here', Page: SendPage }),
      () => show({ name: 'failed' }),
    )
    return () => {
      isCurrent = false
    }
  }, [])
  if (state.name === 'here') return <state.Page />
  if (state.name === 'loading') return null
  return (
    <div class="quiet">
      <h1>{words.send.title}</h1>
      <p>{words.signIn.problem.unreachable}</p>
      <button type="button" class="button" onClick={() => location.reload()}>
        {words.retry}
      </button>
    </div>
  )
}
