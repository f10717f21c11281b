// Asks before something that cannot be taken back. The browser's own dialog keeps the focus inside,
// closes on Escape, and gives the focus back.
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { useWords } from '../hooks/use-app.ts'

interface Props {
  title: string
  text: string
  confirm: string
  onConfirm: () => void
  onClose: () => void
}

export function ConfirmDialog({ title, text, confirm, onConfirm, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const words = useWords()
  // Before the paint: an Escape that comes at once is for this dialog already.
  useLayoutEffect(() => {
    dialog.current?.showModal()
  }, [])
  const close = () => dialog.current?.close()
  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onClose={onClose}
    >
      <h2 id={`${id}-title`}>{title}</h2>
      <p id={`${id}-text`}>{text}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          {words.cancel}
        </button>
        <button
          type="button"
          class="button button-danger"
          onClick={() => {
            onConfirm()
            close()
          }}
        >
          {confirm}
        </button>
      </div>
    </dialog>
  )
}
