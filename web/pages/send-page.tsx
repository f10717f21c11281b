// A manager's or an admin's word to a shop or a person, and what became of it.
import { useEffect, useRef } from 'preact/hooks'
import Check from '~icons/lucide/circle-check'
import { ConnectionBadge } from '../components/connection.tsx'
import { MessageFields } from '../components/message-fields.tsx'
import { RecipientFields } from '../components/recipient-fields.tsx'
import { useWords } from '../hooks/use-app.ts'
import { useDraft } from '../hooks/use-draft.ts'
import { usePageHeading } from '../hooks/use-page-heading.ts'
import { useSendForm } from '../hooks/use-send-form.ts'

export function SendPage() {
  const words = useWords().send
  const heading = usePageHeading()
  const state = useDraft().state.value
  return (
    <div class="sheet">
      <header class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {words.title}
        </h1>
        <ConnectionBadge />
      </header>
      {state.name === 'sent' ? <Sent to={state.to} /> : <SendForm />}
    </div>
  )
}

function SendForm() {
  const store = useDraft()
  const { to, state } = useSendForm()
  const words = useWords().send
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (state.name === 'fix') {
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
    }
  }, [state.name])
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault()
    void store.send(to)
  }
  const isSending = state.name === 'sending'
  return (
    <form class="form" ref={form} noValidate onSubmit={onSubmit}>
      <RecipientFields />
      <MessageFields />
      <div class="form-foot">
        <Problem />
        <button type="submit" class="button button-main" disabled={isSending}>
          {isSending ? words.sending(to) : to === '' ? words.submitPlain : words.submit(to)}
        </button>
      </div>
    </form>
  )
}

function Problem() {
  const state = useDraft().state.value
  const words = useWords().send
  const text = () => {
    switch (state.name) {
      case 'fix':
        return words.fix
      case 'forbidden':
        return words.forbidden
      case 'failed':
        return words.failed
      case 'refused':
        return words.refused(state.why)
      default:
        return ''
    }
  }
  return (
    <p class="field-error" role="alert">
      {text()}
    </p>
  )
}

function Sent({ to }: { to: string }) {
  const store = useDraft()
  const words = useWords().send
  const again = useRef<HTMLButtonElement>(null)
  useEffect(() => again.current?.focus(), [])
  return (
    <div class="sent">
      <Check width={48} height={48} />
      <div role="status">
        <h2>{words.sent(to)}</h2>
      </div>
      <button ref={again} type="button" class="button" onClick={() => store.again()}>
        {words.again}
      </button>
    </div>
  )
}
