// Where the focus goes when rows come and go. A row that is deleted hands it to its neighbour.

const ROW = 'row-'

export const rowId = (id: string) => `${ROW}${id}`

/** The row below, or above the last one; null when there is no other. */
export function neighbourOf(id: string): string | null {
  const rows = [...document.querySelectorAll<HTMLElement>('.row-link')]
  const at = rows.findIndex((row) => row.id === rowId(id))
  const near = rows[at + 1] ?? rows[at - 1]
  return near ? near.id.slice(ROW.length) : null
}

/** Focuses a row, or the heading of the list where there is no such row any more. */
export function focusRow(id: string | null) {
  const row = id === null ? null : document.getElementById(rowId(id))
  const target = row ?? document.querySelector<HTMLElement>('.inbox h1')
  target?.focus()
}
