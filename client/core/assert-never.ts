/** The end of every switch over a union: a new member that is not handled does not compile (and is ignored at run time, CO3). */
export function assertNever(value: never): never {
  throw new Error(`not handled: ${JSON.stringify(value)}`)
}
