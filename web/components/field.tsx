// A labelled field with its error under it, tied together for screen readers.
import type { ComponentChildren } from 'preact'
import Alert from '~icons/lucide/circle-alert'
import { useId } from 'preact/hooks'

/** What the input inside must carry. */
export interface FieldInput {
  id: string
  class: 'input'
  'aria-invalid': 'true' | undefined
  'aria-describedby': string | undefined
}

interface Props {
  label: string
  hint?: string | undefined
  error?: string | undefined
  children: (input: FieldInput) => ComponentChildren
}

export function Field({ label, hint, error, children }: Props) {
  const id = useId()
  const errorId = `${id}-error`
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
        {hint && <small>{hint}</small>}
      </label>
      {children({
        id,
        class: 'input',
        'aria-invalid': error ? 'true' : undefined,
        'aria-describedby': error ? errorId : undefined,
      })}
      {error && <FieldError id={errorId} text={error} />}
    </div>
  )
}

const FieldError = ({ id, text }: { id: string; text: string }) => (
  <p class="field-error" id={id}>
    <Alert width={16} height={16} />
    {text}
  </p>
)
