// What to say: its kind, what that kind asks for, the words, and how loud.
import { useWords } from '../hooks/use-app.ts'
import { useSendForm } from '../hooks/use-send-form.ts'
import { Priority } from '../../protocol/notification-types.ts'
import { defaultPriority, KINDS, type Draft, type Kind } from '../stores/draft-send.ts'
import { Choices } from './choices.tsx'
import { Field } from './field.tsx'
import { Select } from './select.tsx'

const isKind = (value: string): value is Kind => KINDS.some((kind) => kind === value)

export function MessageFields() {
  const { draft, change, errorOf } = useSendForm()
  const words = useWords()
  const { send } = words
  return (
    <>
      <Field label={send.kind} error={errorOf('kind')}>
        {(input) => (
          <Select
            {...input}
            value={draft.kind}
            onChange={(kind) => {
              if (isKind(kind)) change({ kind, priority: null })
            }}
          >
            {KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {words.type[kind]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <DataFields />
      <TextField name="title" label={send.heading} isOptional={draft.kind !== 'custom'} />
      <Field
        label={send.message}
        hint={draft.kind === 'team.announcement' ? undefined : send.optional}
        error={errorOf('message')}
      >
        {(input) => (
          <textarea
            {...input}
            value={draft.message}
            onInput={(event) => change({ message: event.currentTarget.value })}
          />
        )}
      </Field>
      <Choices
        label={send.priority}
        value={draft.priority ?? defaultPriority(draft.kind)}
        options={Priority.options.map((one) => [one, words.priority[one]] as const)}
        onChange={(priority) => change({ priority })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={draft.requiresAck}
          onChange={(event) => change({ requiresAck: event.currentTarget.checked })}
        />
        {send.ack}
      </label>
    </>
  )
}

function DataFields() {
  const { draft, change, errorOf } = useSendForm()
  const words = useWords().send
  if (draft.kind === 'team.schedule_change') {
    return (
      <Field label={words.effectiveFrom} error={errorOf('effectiveFrom')}>
        {(input) => (
          <input
            {...input}
            type="date"
            value={draft.effectiveFrom}
            onInput={(event) => change({ effectiveFrom: event.currentTarget.value })}
          />
        )}
      </Field>
    )
  }
  if (draft.kind !== 'team.policy_update') return null
  return (
    <div class="fields-row">
      <TextField name="policyId" label={words.policy} />
      <TextField name="version" label={words.version} />
    </div>
  )
}

interface TextFieldProps {
  name: 'title' | 'policyId' | 'version'
  label: string
  isOptional?: boolean
}

function TextField({ name, label, isOptional = false }: TextFieldProps) {
  const { draft, change, errorOf } = useSendForm()
  const words = useWords().send
  return (
    <Field label={label} hint={isOptional ? words.optional : undefined} error={errorOf(name)}>
      {(input) => (
        <input
          {...input}
          autocomplete="off"
          value={draft[name]}
          onInput={(event) => change({ [name]: event.currentTarget.value } as Partial<Draft>)}
        />
      )}
    </Field>
  )
}
