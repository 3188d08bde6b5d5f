// Builds the console's script, style and icons: `node build.mjs FOLDER`. The same sources give the
// same bytes anywhere.
import { build } from 'esbuild'
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const here = import.meta.dirname
const folder = resolve(process.argv[2] ?? join(here, '../../recovery/console/static/console'))
// KB after gzip. A page is to have 40 with its own text.
const MOST = { script: 20, style: 12 }
const SIGN = '../web/icons/day.svg' // in the browser's tab
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex')
const read = (path) => readFileSync(resolve(here, path))

const { outputFiles } = await build({
  absWorkingDir: here, preserveSymlinks: true, bundle: true, minify: true, write: false, outdir: 'built',
  format: 'esm', target: ['chrome111', 'safari16.4', 'firefox115'], charset: 'utf8', legalComments: 'none',
  entryPoints: { desk: 'src/desk.ts', style: 'src/style/console.css' }, entryNames: '[name]-[hash]',
})
const kept = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]))
const symbols = Object.entries(JSON.parse(read('../web/src/parts/icons.json')))
  .map(([name, path]) => `<symbol id="${name}" viewBox="0 0 24 24"><path d="${path}"/></symbol>`)
const drawn = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`)
const named = (name, bytes) => {
  const file = `${name}-${hash(bytes).slice(0, 8).toUpperCase()}.svg`
  kept.set(file, bytes)
  return file
}
const icons = named('icons', drawn)
const sign = named('sign', read(SIGN))
const [script, style] = ['desk-', 'style-'].map((start) => [...kept.keys()].find((name) => name.startsWith(start)))
for (const [what, name] of Object.entries({ script, style })) {
  const kilobytes = gzipSync(kept.get(name), { level: 9 }).length / 1024
  console.log(`console ${what}\t${kilobytes.toFixed(1)} KB of ${MOST[what]}`)
  if (kilobytes > MOST[what]) process.exitCode = 1
}
kept.set('index.json', `${JSON.stringify({ script, style, icons, sign }, null, 1)}\n`)
kept.set('licenses.txt', `htmx.org\n\n${read('node_modules/htmx.org/LICENSE')}`)
const sources = globSync(['console/src/**/*.*', 'console/{build.mjs,package-lock.json}', 'web/src/style/{tokens,base,parts}.css', 'web/src/parts/icons.json', SIGN.slice(3)],
  { cwd: dirname(here) }).sort()
const built_from = hash(sources.map((path) => `${path} ${hash(read(join('..', path)))}\n`).join(''))
kept.set('built-from.json', `{"sha256": "${built_from}"}\n`)
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const [name, bytes] of kept) writeFileSync(join(folder, name), bytes)
for (const name of [script, style, icons, sign]) writeFileSync(join(folder, `${name}.br`), brotliCompressSync(kept.get(name)))
