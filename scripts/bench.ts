// npm run bench: our whole path beside the least that could do the same, on one runtime, in one run, in turns.
//   -- --only fan-out,personal   these rows alone      --rounds 5   medians of so many rounds
//   -- --quick                   smaller and rougher   --json FILE  everything that was measured
//   -- --profile DIR             where the time goes in our worker, a .cpuprofile for each row

import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { profiling } from '../bench/profile/profile.ts'
import { judge, textOf, type Measured } from '../bench/report/table.ts'
import { ROWS } from '../bench/rows.ts'
import { Runner } from '../bench/run.ts'
import { PlainFailure, runMain } from './lib/fail.ts'
import { onShutdown } from './lib/shutdown.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    json: { type: 'string' },
    profile: { type: 'string' },
  },
})

await runMain(async () => {
  const rows = chosen(values.only)
  if (!/^[1-9]\d?$/.test(values.rounds))
    throw new PlainFailure('--rounds is a number from 1 to 99.')
  const runner = new Runner({
    size: values.smoke ? 'smoke' : values.quick ? 'quick' : 'full',
    rounds: Number(values.rounds),
    tell: console.error,
    ...(values.profile !== undefined && {
      around: profiling(resolve(values.profile), console.log),
    }),
  })
  onShutdown(() => runner.stop())
  await runner.prepare()
  console.log(
    `${cpus().length} cores are shared by load and server: trust the ratios. Times of different machines say nothing about each other.\n`,
  )
  const all: Measured[] = []
  let failed = 0
  try {
    for (const row of rows) {
      try {
        const measured = await runner.run(row)
        all.push(measured)
        console.log(`${textOf(measured)}\n`)
      } catch (error) {
        failed += 1
        console.log(`${row.id}: ${row.title}\n  ✗ was not measured: ${String(error)}\n`)
      }
    }
  } finally {
    await runner.stop()
  }
  if (values.json !== undefined) {
    const plain = all.map(({ row, rounds }) => ({ id: row.id, title: row.title, rounds }))
    writeFileSync(values.json, `${JSON.stringify(plain, null, 1)}\n`)
  }
  const short = all.filter((measured) => judge(measured).some(({ holds }) => !holds))
  if (short.length > 0)
    console.log(`Short of the aim: ${short.map(({ row }) => row.id).join(', ')}`)
  // Short of an aim is a finding; not to have measured is a failure.
  process.exitCode = failed > 0 ? 1 : 0
})

function chosen(only: string | undefined) {
  if (only === undefined) return ROWS
  return only.split(',').map((id) => {
    const row = ROWS.find((one) => one.id === id)
    if (!row) {
      throw new PlainFailure(`"${id}" is none of ${ROWS.map((one) => one.id).join(', ')}.`)
    }
    return row
  })
}
