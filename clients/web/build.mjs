// Builds the phone app: `node build.mjs FOLDER`. The same sources give the same bytes anywhere.
import { build } from 'esbuild'
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { outOfReach } from './words_in_reach.mjs'

const here = import.meta.dirname
const folder = resolve(process.argv[2] ?? join(here, '../../recovery/webapp/static/webapp'))
// KB after gzip; `all` after Brotli, in which every browser of today gets it. `critical`: what the
// first page needs.
const MOST = { critical: 60, style: 8, worker: 12, all: 150 }
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex')
const read = (path) => readFileSync(resolve(here, path))
const kept = new Map() // name → bytes
const { version } = JSON.parse(read('package.json'))

// A translation is a list in the order of the English keys: the keys are there already.
const lists = {
  name: 'lists',
  setup: ({ onLoad }) => onLoad({ filter: /text.*es\.json$/ }, ({ path }) => {
    const [english, spanish] = ['en.json', 'es.json'].map((end) => JSON.parse(read(path.replace(/es\.json$/, end))))
    return { contents: JSON.stringify(Object.keys(english).map((key) => spanish[key])), loader: 'json' }
  }),
}

const options = {
  absWorkingDir: here, preserveSymlinks: true, bundle: true, minify: true, write: false, metafile: true, outdir: 'built',
  format: 'esm', target: ['chrome111', 'safari16.4', 'firefox115'], charset: 'utf8', legalComments: 'none',
  jsx: 'automatic', jsxImportSource: 'preact', alias: { handrail: '../handrail-js/src/index.ts' },
  nodePaths: [join(here, 'node_modules')],
  define: { 'process.env.NODE_ENV': '"production"', APP_VERSION: JSON.stringify(version) },
}
const page = await build({
  ...options, splitting: true, plugins: [lists], entryPoints: { app: 'src/main.tsx', style: 'src/style/app.css' },
  entryNames: '[name]-[hash]', chunkNames: 'part-[hash]',
})
for (const { path, contents } of page.outputFiles) kept.set(basename(path), contents)
const names = JSON.parse(read('src/names.json'))
for (const path of globSync('icons/*', { cwd: here }).sort()) {
  const kind = extname(path), [name, size = 'svg'] = basename(path, kind).split('-')
  const built = `${basename(path, kind)}-${hash(read(path)).slice(0, 8).toUpperCase()}${kind}`
  kept.set(built, read(path))
  names[name].icons = { ...names[name].icons, [size]: built }
}
const worker = await build({
  ...options, entryPoints: ['src/service_worker.ts'],
  define: {
    ...options.define,
    FILES: JSON.stringify([...kept.keys()].filter((name) => !name.endsWith('.png')).map((name) => `/static/webapp/${name}`).sort()),
  },
})
kept.set('service_worker.js', worker.outputFiles[0].contents)
const [script, style] = ['app-', 'style-'].map((start) => [...kept.keys()].find((name) => name.startsWith(start)))
// The script with what it imports before it can begin.
function needed(name, found = new Set()) {
  if (found.has(name)) return found
  found.add(name)
  const { imports } = page.metafile.outputs[`built/${name}`]
  for (const { path, kind } of imports) if (kind === 'import-statement') needed(basename(path), found)
  return found
}
const parts = [...needed(script)].filter((name) => name !== script)
// A browser without a worker stands before the door.
const [door] = Object.entries(page.metafile.outputs).find(([, { entryPoint }]) => entryPoint === 'src/screens/start/pages.tsx')
const soon = [...needed(basename(door))].filter((name) => !parts.includes(name))
kept.set('index.json', `${JSON.stringify({ script, parts, soon, style, names }, null, 1)}\n`)
const size = (names) => [...names].reduce((sum, name) => sum + gzipSync(kept.get(name), { level: 9 }).length, 0) / 1024
const scripts = [...kept].filter(([name]) => /\.(js|css)$/.test(name)).map(([, bytes]) => bytes)
const sizes = {
  critical: size(needed(script)), style: size([style]), worker: size(['service_worker.js']),
  all: scripts.reduce((sum, bytes) => sum + brotliCompressSync(bytes).length, 0) / 1024,
}
for (const [what, kilobytes] of Object.entries(sizes)) {
  console.log(`${what}\t${kilobytes.toFixed(1)} KB of ${MOST[what]}`)
  if (kilobytes > MOST[what]) process.exitCode = 1
}

for (const mistake of outOfReach(here, page.metafile.inputs)) {
  console.error(`${mistake}, and its words may not be there`)
  process.exitCode = 1
}

const packages = new Set([page, worker].flatMap((made) => Object.keys(made.metafile.inputs))
  .map((path) => path.match(/.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean))
const license = (path) => read(globSync(join(path, 'LICEN[SC]E*'), { cwd: here }).sort()[0])
kept.set('licenses.txt', [...packages].sort().map((path) => `${path.split('node_modules/').pop()}\n\n${license(path)}`).join('\n\n'))
const sources = globSync(['web/{src,icons}/**/*.*', 'web/{build.mjs,package-lock.json}', 'handrail-js/src/**/*.*'],
  { cwd: dirname(here) }).sort()
const built_from = hash(sources.map((path) => `${path} ${hash(read(join('..', path)))}\n`).join(''))
kept.set('built-from.json', `{"sha256": "${built_from}"}\n`)
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const [name, bytes] of kept) writeFileSync(join(folder, name), bytes)
for (const name of kept.keys()) if (/(-\w{8}\.(js|css)|^licenses\.txt)$/.test(name)) writeFileSync(join(folder, `${name}.br`), brotliCompressSync(kept.get(name)))
