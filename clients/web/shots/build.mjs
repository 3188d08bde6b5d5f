// Builds the gallery of states into a folder: `node shots/build.mjs FOLDER`.
import { build } from 'esbuild'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const here = join(import.meta.dirname, '..')
const folder = resolve(process.argv[2])
await build({
  absWorkingDir: here, preserveSymlinks: true, bundle: true, splitting: true, format: 'esm', charset: 'utf8',
  entryPoints: { app: 'shots/gallery.tsx', style: 'src/style/app.css' }, outdir: folder,
  jsx: 'automatic', jsxImportSource: 'preact', alias: { handrail: '../handrail-js/src/index.ts' },
  nodePaths: [join(here, 'node_modules')], logLevel: 'error',
})
writeFileSync(join(folder, 'index.html'), `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>Gallery</title>
<link rel="stylesheet" href="/style.css">
<div id="app"></div>
<script type="module" src="/app.js"></script>
</html>
`)
