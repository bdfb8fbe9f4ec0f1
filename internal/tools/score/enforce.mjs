// Compares the ruler's totals with thresholds and exits 1 when one is missed. A miss that proven.tsv lists, to the letter
// of the ruler's own line and with a command that shows the labels to be wrong, counts as a hit; a proof that no miss
// needs any more is an error, so that the list cannot grow stale.
// usage: enforce.mjs RESULT.json MISSES.txt THRESHOLDS.json PROVEN.tsv
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const [resultFile, missesFile, thresholdsFile, provenFile] = process.argv.slice(2)
const result = JSON.parse(readFileSync(resultFile, 'utf8'))
const thresholds = JSON.parse(readFileSync(thresholdsFile, 'utf8'))
const misses = new Set()
for (const line of readFileSync(missesFile, 'utf8').split('\n')) {
  const [, column, what] = /^miss (\S+) +(.*)$/.exec(line) ?? []
  if (!column) continue
  misses.add(`${column}\t${what}`)
  // A label may hold a person's name, which this repository must not: such a row names it by its digest.
  misses.add(`${column}\t${what.split(': ')[0]}: sha256:${createHash('sha256').update(what).digest('hex').slice(0, 16)}`)
}
const proven = readFileSync(provenFile, 'utf8').split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t'))

let faults = 0
const hitsMore = {}
for (const [column, what, proof] of proven) {
  if (!proof || !misses.has(`${column}\t${what}`)) {
    console.error(`score: proven.tsv lists "${column} ${what}", which is no miss any more or has no proof: remove it`)
    faults++
    continue
  }
  hitsMore[column] = (hitsMore[column] ?? 0) + 1
}
for (const [column, want] of Object.entries(thresholds)) {
  const [hits, total] = result.all[column]
  const right = hits + (hitsMore[column] ?? 0)
  const got = total === 0 ? 0 : (100 * right) / total
  if (got < want) {
    console.error(`score: ${column} is ${got.toFixed(1)}% (${right} of ${total}), at least ${want}% is wanted`)
    faults++
  }
}
if (faults > 0) process.exit(1)
const count = Object.values(hitsMore).reduce((a, b) => a + b, 0)
console.log(`score: every threshold is met; ${count} labels are proven wrong in proven.tsv`)
