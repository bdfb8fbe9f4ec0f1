// Compares the ruler's totals with thresholds and exits 1 when one is missed.
// usage: enforce.mjs RESULT.json THRESHOLDS.json
import { readFileSync } from 'node:fs'

const [result, thresholds] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')))
let missed = 0
for (const [column, want] of Object.entries(thresholds)) {
  const [hits, total] = result.all[column]
  const got = total === 0 ? 0 : (100 * hits) / total
  if (got < want) {
    console.error(`score: ${column} is ${got.toFixed(1)}% (${hits} of ${total}), at least ${want}% is wanted`)
    missed++
  }
}
if (missed > 0) process.exit(1)
console.log('score: every threshold is met')
