// The system's own list of options (the best one on a phone) in our frame.
import type { ComponentChildren } from 'preact'
import Chevron from '~icons/lucide/chevron-down'
import type { FieldInput } from './field.tsx'

interface Props extends FieldInput {
  value: string
  onChange: (value: string) => void
  children: ComponentChildren
}

export const Select = ({ onChange, ...rest }: Props) => (
  <span class="select">
    <select {...rest} onChange={(event) => onChange(event.currentTarget.value)} />
    <Chevron width={20} height={20} />
  </span>
)
