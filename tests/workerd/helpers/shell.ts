// As much of a shell as the examples of docs/API.md use: variables, `NAME=$(…)`, curl with -s -X -H -d, and jq -r.
export interface CurlRequest {
  method: string
  url: string
  headers: Record<string, string>
  body: string | undefined
}

export interface Command {
  /** The variable that takes what the command prints. */
  name: string | undefined
  curl: string
  /** The path of jq. */
  pick: string | undefined
}

/** The commands of a block; a line that ends in a backslash or inside quotes goes on. */
export function commandsOf(block: string): Command[] {
  const lines = block.replaceAll(/\\\n\s*/g, '').split('\n')
  const whole: string[] = []
  for (const line of lines) {
    const last = whole.at(-1)
    if (last !== undefined && isOpen(last)) whole[whole.length - 1] = `${last}\n${line}`
    else if (line.trim() !== '') whole.push(line)
  }
  return whole.map(commandOf)
}

const isOpen = (text: string) => (text.split("'").length - 1) % 2 === 1

function commandOf(text: string): Command {
  const assigned = /^(\w+)=\$\((.*)\)$/s.exec(text)
  const [curl = '', pick] = (assigned?.[2] ?? text).split(/\s*\| jq -r /)
  return { name: assigned?.[1], curl, pick }
}

/** What curl would send. Throws on what this shell does not know, so that no example is skipped by mistake. */
export function requestOf(curl: string, variables: Record<string, string>): CurlRequest {
  const [program, ...words] = wordsOf(curl, variables)
  if (program !== 'curl') throw new Error(`the shell of the tests has no ${program}`)
  const request: CurlRequest = { method: '', url: '', headers: {}, body: undefined }
  const next = () => words.shift() ?? ''
  while (words.length > 0) {
    const word = next()
    if (word === '-s') continue
    else if (word === '-X') request.method = next()
    else if (word === '-d') request.body = next()
    else if (word === '-H') {
      const [name = '', value = ''] = next().split(/:\s*(.*)/s)
      request.headers[name] = value
    } else if (word.startsWith('-')) throw new Error(`the shell of the tests knows no ${word}`)
    else request.url = word
  }
  request.method ||= request.body === undefined ? 'GET' : 'POST'
  return request
}

/** Quoted or not; `$NAME` is filled in everywhere but in single quotes. */
function wordsOf(text: string, variables: Record<string, string>): string[] {
  const parts = text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)
  return Array.from(parts, ([, single, double, bare]) => {
    if (single !== undefined) return single
    return (double ?? bare ?? '').replaceAll(/\$(\w+)/g, (_, name: string) => {
      const value = variables[name]
      if (value === undefined) throw new Error(`$${name} is not set`)
      return value
    })
  })
}

/** `.data[0].id` of a JSON text. */
export function pickFrom(text: string, path: string): string {
  const steps = path.match(/\w+/g) ?? []
  const found = steps.reduce<unknown>(
    (value, step) => Reflect.get(Object(value), step),
    JSON.parse(text),
  )
  if (typeof found !== 'string') throw new Error(`there is no ${path} in ${text}`)
  return found
}
