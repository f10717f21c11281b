// An iCalendar text as lines and blocks that know where they stand in the file, so that whatever is
// wrong later can be said with a line number. It knows BEGIN and END, not what stands between them.

/** Something in a file that could not be played as it is. */
export interface Problem {
  line: number
  message: string
}

/** One content line after unfolding, and the number of the line it starts on. */
export interface Line {
  text: string
  number: number
}

export interface Block {
  name: string
  line: number
  lines: Line[]
  blocks: Block[]
}

/** Joins folded lines (RFC 5545, 3.1), whatever ends them. */
export function unfold(text: string): Line[] {
  const lines: Line[] = []
  const physical = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  for (const [index, part] of physical.entries()) {
    const last = lines.at(-1)
    if (/^[ \t]/.test(part) && last) last.text += part.slice(1)
    else if (part.trim() !== '') lines.push({ text: part, number: index + 1 })
  }
  return lines
}

/**
 * Builds the tree of BEGIN and END. A block that is never closed, or closed by another's END, is
 * reported and left out; what stands after it is read on.
 */
export function blocksOf(lines: readonly Line[]): { blocks: Block[]; problems: Problem[] } {
  const root: Block = { name: '', line: 0, lines: [], blocks: [] }
  const problems: Problem[] = []
  const open: Block[] = [root]
  let isCut = false
  const top = () => open.at(-1) ?? root
  const giveUp = () => {
    const block = open.pop()
    if (!block) return
    // The innermost is where the file is cut; that all around it is open too is no news.
    if (!isCut) problems.push({ line: block.line, message: `BEGIN:${block.name} is never closed` })
    isCut = true
    // What was whole inside a calendar that broke off is still good.
    if (block.name === 'VCALENDAR') top().blocks.push(block)
  }

  for (const line of lines) {
    isCut = false
    const mark = /^(BEGIN|END):\s*([\w-]+)\s*$/i.exec(line.text)
    const name = mark?.[2]?.toUpperCase()
    if (!mark || name === undefined) {
      top().lines.push(line)
    } else if (mark[1]?.toUpperCase() === 'BEGIN') {
      // Events do not nest: a second BEGIN means that the first was cut off.
      while (ALONE.has(name) && open.some((block) => ALONE.has(block.name))) giveUp()
      open.push({ name, line: line.number, lines: [], blocks: [] })
    } else if (open.some((block) => block.name === name)) {
      while (top().name !== name) giveUp()
      const block = open.pop()
      if (block) top().blocks.push(block)
    } else {
      problems.push({ line: line.number, message: `END:${name} closes nothing` })
    }
  }
  isCut = false
  while (open.length > 1) giveUp()
  return { blocks: root.blocks, problems }
}

const ALONE: ReadonlySet<string> = new Set(['VEVENT', 'VTIMEZONE', 'VTODO', 'VJOURNAL'])
