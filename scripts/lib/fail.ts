/** A failure that is the caller's to mend: shown as one sentence, without a stack. */
export class PlainFailure extends Error {}

export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof PlainFailure)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
